"""Maintenance: fewer files and snapshots, and not a row that a reader sees is another."""

import json
import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest
from lake_nights import NEWS, Page, publish_pages, rows_of

from marsad.errors import LakeError
from marsad.lake.connect import open_lake
from marsad.lake.files import broken_files, unknown_files
from marsad.lake.maintain import Maintained, Retention, maintain_lake

# One process makes the lake that all of them copy.
pytestmark = pytest.mark.xdist_group("maintain")

NIGHTS = 6
AT_ONCE = Retention(days=0, runs=2, grace=timedelta(0))


def _night(number: int) -> list[Page]:
    """A night large enough for files; a third of its texts were there before, with less."""
    return [
        Page(
            f"text {place if place % 3 else 0}.{number if place % 3 else 0}.{place}",
            day=20 - number,
            title=f"title {place} of {number}",
            keywords=("tag", f"tag {place}"),
            links=(f"title {place + 1} of {number}",),
        )
        for place in range(24)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of some nights, of which each betters articles of those before; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    for number in range(NIGHTS):
        publish_pages(folder, _night(number), f"night {number}", day=number + 1)
    return folder


@pytest.fixture
def lake(tmp_path: Path, made: Path) -> Path:
    """A copy of that lake, whose files are as old as those."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _maintain(lake: Path, keep: Retention) -> Maintained:
    return maintain_lake(lake, keep, patience=20)


def _files(lake: Path) -> list[Path]:
    return sorted((lake / "data").rglob("*.parquet"))


def _n_current(lake: Path) -> int:
    with open_lake(lake) as con:
        row = con.execute(
            "select sum(file_count + delete_file_count) from ducklake_table_info('lake')"
        ).fetchone()
        return 0 if row is None else int(row[0])


def _snapshots(lake: Path) -> list[int]:
    with open_lake(lake) as con:
        found = con.execute("select snapshot_id from ducklake_snapshots('lake') order by 1")
        return [row[0] for row in found.fetchall()]


def _history(lake: Path, snapshots: list[int]) -> dict[tuple[int, str], list[tuple[object, ...]]]:
    """Every news table as of each snapshot, and what changed in it."""
    with open_lake(lake) as con:
        return {
            (snapshot, table): con.execute(
                f"select * from news.{table} at (version => {snapshot}) order by all"
            ).fetchall()
            + con.execute(
                "select change_type, * exclude (snapshot_id, rowid, change_type)"
                f" from ducklake_table_changes('lake', 'news', '{table}', {snapshot}, {snapshot})"
                " order by all"
            ).fetchall()
            for snapshot in snapshots
            for table in NEWS
        }


def test_rows_and_the_history_that_is_kept_stay_as_they_were(lake: Path) -> None:
    # Two snapshots make the lake, then one a night; two runs and the one before them are kept.
    kept = _snapshots(lake)[-3:]
    before, history, files = rows_of(lake), _history(lake, kept[1:]), _files(lake)
    done = _maintain(lake, AT_ONCE)
    assert done.n_snapshots_expired == len(range(kept[0]))
    assert done.n_files_merged > done.n_files_made > 0
    assert done.n_files_deleted > 10
    assert done.n_bytes_freed > 0
    # Files that snapshots before the last need stay until those expire.
    assert _n_current(lake) < len(files) / 3
    assert rows_of(lake) == before
    assert _history(lake, kept[1:]) == history
    with open_lake(lake) as con:
        assert broken_files(con, lake) == []
        assert unknown_files(con, lake) == []
        with pytest.raises(duckdb.Error):
            con.execute(f"from news.pages at (version => {kept[0] - 1})").fetchall()
    again = _maintain(lake, AT_ONCE)
    assert (again.n_files_merged, again.n_files_deleted, again.n_orphans_deleted) == (0, 0, 0)
    publish_pages(lake, _night(NIGHTS), "one more", day=20)
    assert rows_of(lake) != before


@pytest.mark.parametrize(
    ("keep", "n_expired"),
    [
        pytest.param(Retention(days=0, runs=NIGHTS), 1, id="all_runs"),
        pytest.param(Retention(days=0, runs=NIGHTS + 1), 0, id="more_runs_than_there_are"),
        pytest.param(Retention(days=1, runs=1), 0, id="young"),
        pytest.param(Retention(days=0, runs=1), NIGHTS, id="all_but_the_last"),
    ],
)
def test_the_last_runs_and_the_young_snapshots_are_kept(
    lake: Path, keep: Retention, n_expired: int
) -> None:
    assert _maintain(lake, keep).n_snapshots_expired == n_expired


def test_files_stay_for_readers_until_their_grace_is_over(lake: Path) -> None:
    files = set(_files(lake))
    done = _maintain(lake, Retention(days=0, runs=1))
    assert done.n_files_merged > 0
    assert (done.n_files_deleted, done.n_orphans_deleted) == (0, 0)
    assert files < set(_files(lake))
    assert _maintain(lake, AT_ONCE).n_files_deleted > 10


_READ_TWICE = """
import sys
from pathlib import Path
from marsad.lake.connect import open_lake
sums = "select bit_xor(hash(a)), (select bit_xor(hash(p)) from news.pages p) from news.articles a"
with open_lake(Path(sys.argv[1])) as con:
    con.execute("begin")
    first = con.execute(sums).fetchone()
    print("reading", flush=True)
    sys.stdin.readline()
    assert con.execute(sums).fetchone() == first
"""


def test_files_are_not_merged_under_a_reader(lake: Path) -> None:
    command = [sys.executable, "-c", _READ_TWICE, str(lake)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        done = maintain_lake(lake, Retention(days=0, runs=1), patience=0.5)
        assert (done.is_merge_put_off, done.n_files_merged) == (True, 0)
        reader.stdin.write("again\n")
        reader.stdin.close()
        assert reader.wait(60) == 0
    assert _maintain(lake, AT_ONCE).n_files_merged > 0


def _read_in_a_loop(lake: Path, stop: Event, answers: "multiprocessing.Queue[object]") -> None:
    pictures = set()
    try:
        while not stop.is_set():
            with open_lake(lake) as con:
                row = con.execute(
                    "select (select bit_xor(hash(p)) from news.pages p), (select bit_xor(hash(a))"
                    " from news.articles as a), count(*) from news.keywords"
                ).fetchone()
                pictures.add(row)
    except (duckdb.Error, LakeError) as error:
        answers.put(str(error))
        return
    answers.put(len(pictures))


def test_readers_in_another_process_see_one_picture_throughout(lake: Path) -> None:
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    reader = context.Process(target=_read_in_a_loop, args=(lake, stop, answers))
    reader.start()
    try:
        for runs in (3, 2, 1):
            _maintain(lake, Retention(days=0, runs=runs))
    finally:
        stop.set()
    assert answers.get(timeout=60) == 1
    reader.join(30)


def test_orphans_go_when_they_are_old_and_only_they(lake: Path) -> None:
    orphan = lake / "data" / "news" / "articles" / "ducklake-of-a-killed-run.parquet"
    orphan.write_bytes(b"half a file")
    other = lake / "data" / "news" / "notes.txt"
    other.write_text("of somebody else")
    assert _maintain(lake, Retention()).n_orphans_deleted == 0
    assert _maintain(lake, Retention(grace=timedelta(0))).n_orphans_deleted == 1
    assert not orphan.exists()
    assert other.exists()


def test_a_lake_that_was_moved_keeps_its_files(lake: Path, tmp_path: Path) -> None:
    before = rows_of(lake)
    moved = tmp_path.parent / f"{tmp_path.name}-moved"
    lake.rename(moved)
    done = _maintain(moved, AT_ONCE)
    assert (done.n_files_deleted > 10, done.n_orphans_deleted) == (True, 0)
    assert rows_of(moved) == before


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_nothing_is_done_to_a_damaged_lake(lake: Path, damage: str) -> None:
    victim = next(path for path in _files(lake) if path.parent.name == "articles")
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-100])
    files, snapshots = _files(lake), _snapshots(lake)
    with pytest.raises(LakeError, match="nothing was done, because the lake is damaged"):
        _maintain(lake, AT_ONCE)
    assert (_files(lake), _snapshots(lake)) == (files, snapshots)


@pytest.fixture
def command(lake: Path) -> Iterator[list[str]]:
    """The command over the lake."""
    program = "from marsad.cli import main; main()"
    yield [sys.executable, "-c", program, "maintain", "--lake", str(lake), "--json"]


def test_the_command_clears_staging_and_needs_no_server(lake: Path, command: list[str]) -> None:
    (lake / "staging" / "killed").mkdir()
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # The nights of this lake left theirs, too.
    assert said["n_staging_deleted"] == NIGHTS + 1
    assert said["n_snapshots_expired"] == 0
    assert said["n_files_merged"] > said["n_files_made"]
    assert (lake / "catalog.backup.sqlite").is_file()
    assert list((lake / "staging").iterdir()) == []

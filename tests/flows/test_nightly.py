"""The nightly flow from end to end: real dumps, a real lake, Prefect and Great Expectations."""

import datetime as dt
import gzip
import json
import multiprocessing
import zipfile
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest
from whole_nights import run_night, settings_of

from flows.nightly import run_once
from marsad.errors import ConfigError, LakeLockedError
from marsad.lake.connect import open_lake
from marsad.lake.lock import writer_lock
from marsad.night.summary import RunSummary
from marsad.settings import load_settings

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

NEWS = (
    "pages",
    "articles",
    "sightings",
    "sighting_sources",
    "sources",
    "keywords",
    "article_keywords",
    "related_links",
    "citations",
)
#: "The ministry announced on {day} a new plan for roads number {n}."
BODY = "أعلنت الوزارة يوم {day} خطة جديدة للطرق رقم {n} في العاصمة بعد اجتماع طويل."


def run(
    lake: Path,
    *inputs: Path,
    workers: int = 1,
    runner: str = "local",
    date: dt.date | None = None,
) -> RunSummary:
    """Run the flow over inputs."""
    settings = load_settings(lake=lake, workers=workers, runner=runner, environ={})
    return run_once([str(path) for path in inputs], date, settings)


def rows_of(lake: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every news table, sorted."""
    with open_lake(lake) as con:
        return {
            table: con.execute(f"select * from news.{table} order by all").fetchall()
            for table in NEWS
        }


def value(lake: Path, query: str) -> object:
    """The single value of a query."""
    with open_lake(lake) as con:
        row = con.execute(query).fetchone()
        assert row is not None
        return row[0]


def articles(day: int, count: int = 12) -> list[dict[str, str]]:
    """Structured records of one day; every third text is that of every day."""
    return [
        {
            "title": f"عنوان {n} ليوم {day if n % 3 else 1}",  # title n of day d
            "content": BODY.format(day=day if n % 3 else 1, n=n),
            "source": ["سكاي نيوز عربية", "رويترز", "صحيفة لا يعرفها أحد"][n % 3],
            "url": f"https://news.example/{day}/{n}",
            "date_extracted": f"2024-11-{day:02d} 08:00:00",
            "tags": "القوات العراقية، بغداد" if n % 2 else "",  # Iraqi forces, Baghdad
        }
        for n in range(count)
    ]


def write_jsonl(path: Path, records: list[dict[str, str]]) -> Path:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records))
    return path


@pytest.fixture
def days(tmp_path: Path) -> list[Path]:
    """Dumps of three days: JSON Lines, gzipped JSON Lines, and a zip with an array."""
    plain = write_jsonl(tmp_path / "a.jsonl", articles(18))
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(write_jsonl(tmp_path / "tmp", articles(19)).read_bytes()))
    (tmp_path / "tmp").unlink()
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("day.json", json.dumps(articles(20)))
    return [plain, packed, archive]


def test_a_night_is_published_and_then_nothing_is_new(tmp_path: Path, days: list[Path]) -> None:
    lake = tmp_path / "lake"
    first = run(lake, *days)
    assert first.status == "published"
    assert (first.n_dumps.new, first.n_records, first.n_sightings) == (3, 36, 36)
    assert first.n_articles_new == value(lake, "select count(*) from news.articles") == 28
    assert first.snapshot_id == value(lake, "select snapshot_id from ops.runs")
    assert set(first.seconds) == {"discover", "parse", "segment", "audit", "publish", "serve"}
    before = rows_of(lake)
    again = run(lake, *days)
    assert (again.status, again.snapshot_id, again.n_dumps.skipped) == ("nothing_new", None, 3)
    assert rows_of(lake) == before
    with open_lake(lake) as con:
        changed = con.execute(
            f"select count(*) from ducklake_snapshots('lake') where snapshot_id >"
            f" {first.snapshot_id} and changes::varchar like '%news%'"
        ).fetchone()
    assert changed == (0,)
    assert not list((lake / "staging").iterdir())


def test_order_and_workers_do_not_show_in_the_rows(tmp_path: Path, days: list[Path]) -> None:
    run(tmp_path / "one", *days)
    run(tmp_path / "two", *days[::-1], workers=2, runner="dask")
    for day in (days[1], days[2], days[0]):
        run_night(settings_of(tmp_path / "three"), [day], is_audited=False)
    expected = rows_of(tmp_path / "one")
    assert rows_of(tmp_path / "two") == expected
    assert rows_of(tmp_path / "three") == expected
    assert all(expected[table] for table in ("articles", "sightings", "sources", "keywords"))


def _truncated_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps(articles(3)).encode())[:-40])


def _truncated_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as members:
        members.writestr("a.txt", "x" * 500)
    path.write_bytes(path.read_bytes()[:-30])


BAD_FILES: list[tuple[str, Callable[[Path], object]]] = [
    ("cut.jsonl.gz", _truncated_gzip),
    ("cut.zip", _truncated_zip),
    ("strange.xyz", lambda path: path.write_bytes(b"\x00\x01\x02\xff" * 100)),
    (
        "numbers.parquet",
        lambda path: duckdb.execute(f"copy (select 1 as n) to '{path}' (format parquet)"),
    ),
]
BAD_RECORDS: list[tuple[str, Callable[[Path], object], str, int]] = [
    (
        "line7.jsonl",
        lambda path: path.write_text(
            "".join(
                "{broken\n" if n == 7 else json.dumps({"text": BODY.format(day=1, n=n)}) + "\n"
                for n in range(1, 11)
            )
        ),
        "invalid_json",
        7,
    ),
    ("empty.txt", lambda path: path.write_bytes(b""), "empty_page", 1),
    ("nuls.txt", lambda path: path.write_bytes(b"\0" * 4000), "not_text", 1),
    (
        "long.jsonl",
        lambda path: path.write_bytes(b'{"text": "' + b"a" * 200_000_000 + b'"}\n'),
        "record_too_large",
        1,
    ),
]


def test_bad_files_are_told_and_the_rest_of_the_night_goes_on(
    tmp_path: Path, days: list[Path]
) -> None:
    lake = tmp_path / "lake"
    bad = tmp_path / "bad"
    bad.mkdir()
    for name, write in BAD_FILES:
        write(bad / name)
    missing, empty = tmp_path / "missing.jsonl", tmp_path / "empty"
    empty.mkdir()
    summary = run(lake, *days, bad, missing, empty)
    assert summary.status == "published"
    assert summary.n_dumps.new == 3
    for name in [*(name for name, _ in BAD_FILES), "missing.jsonl", "empty"]:
        told = [line for line in summary.problems if name in line]
        assert len(told) == 1, (name, summary.problems)
        assert "\n" not in told[0]
    clean = settings_of(tmp_path / "clean")
    run_night(clean, days, is_audited=False)
    assert rows_of(lake) == rows_of(clean.lake)


def test_bad_records_are_kept_with_their_place(tmp_path: Path, days: list[Path]) -> None:
    lake = tmp_path / "lake"
    bad = tmp_path / "bad"
    bad.mkdir()
    for name, write, _, _ in BAD_RECORDS:
        write(bad / name)
    summary = run(lake, days[0], bad)
    assert summary.status == "published"
    assert summary.n_rejects == len(BAD_RECORDS)
    with open_lake(lake) as con:
        found = con.execute(
            "select uri, rule, record_no, byte_offset, raw is not null"
            " from ops.rejects inner join ops.dumps using (dump_id)"
        ).fetchall()
    told = {Path(str(uri)).name: facts for uri, *facts in found}
    for name, _, rule, record_no in BAD_RECORDS:
        assert told[name][:2] == [rule, record_no]
        assert told[name][2] is not None
    line7 = (bad / "line7.jsonl").read_bytes()
    assert line7[told["line7.jsonl"][2] :].startswith(b"{broken")
    total = value(lake, "select count(*) from news.sightings where role = 'main'")
    assert total == summary.n_records - summary.n_rejects


def test_a_failed_dump_is_tried_again_and_mended(tmp_path: Path, days: list[Path]) -> None:
    lake = tmp_path / "lake"
    cut = tmp_path / "cut.jsonl.gz"
    whole = days[1].read_bytes()
    cut.write_bytes(whole[:-40])
    first = run(lake, cut)
    assert first.status == "failed"
    assert first.error is not None and "cut.jsonl.gz" in first.error
    assert value(lake, "select count(*) from news.pages") == 0
    assert value(lake, "select status from ops.dumps") == "failed"
    assert run(lake, cut).status == "failed"
    assert value(lake, "select count(*) from ops.dumps") == 1
    cut.write_bytes(whole)
    assert run(lake, cut).n_sightings == 12


def test_no_input_at_all_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        run(tmp_path / "lake", tmp_path / "missing")
    assert not (tmp_path / "lake").exists()


def test_a_second_writer_is_told_in_one_line(tmp_path: Path, days: list[Path]) -> None:
    lake = tmp_path / "lake"
    holding, let_go = multiprocessing.Event(), multiprocessing.Event()
    holder = multiprocessing.Process(target=_hold_lock, args=(lake, holding, let_go))
    holder.start()
    try:
        assert holding.wait(30)
        with pytest.raises(LakeLockedError, match="another run is writing"):
            run(lake, *days)
    finally:
        let_go.set()
        holder.join(30)


def _hold_lock(lake: Path, holding: Event, let_go: Event) -> None:
    with writer_lock(lake):
        holding.set()
        let_go.wait(60)


def _read_in_a_loop(lake: Path, stop: Event, answers: "multiprocessing.Queue[object]") -> None:
    """Count rows until told to stop; answer with every distinct picture, or with the error."""
    seen = set()
    reads = 0
    try:
        while not stop.is_set():
            with open_lake(lake) as con:
                seen.add(
                    con.execute(
                        "select (select count(*) from news.pages),"
                        " (select count(*) from news.sightings),"
                        " (select count(*) from news.articles),"
                        " (select count(*) from ops.dumps where status = 'published')"
                    ).fetchone()
                )
                reads += 1
    except duckdb.Error as error:
        answers.put(str(error))
        return
    answers.put((reads, sorted(seen)))


def test_readers_are_never_blocked_and_see_whole_nights(tmp_path: Path, days: list[Path]) -> None:
    lake = tmp_path / "lake"
    run(lake, days[0])
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    reader = context.Process(target=_read_in_a_loop, args=(lake, stop, answers))
    reader.start()
    try:
        run(lake, days[1])
        run(lake, days[2])
    finally:
        stop.set()
    found = answers.get(timeout=60)
    reader.join(30)
    assert isinstance(found, tuple), found
    reads, pictures = found
    assert reads > 3
    assert set(pictures) <= {(12, 12, 12, 1), (24, 24, 20, 2), (36, 36, 28, 3)}
    assert (36, 36, 28, 3) in pictures or (24, 24, 20, 2) in pictures


def test_a_critical_expectation_blocks_the_publication(
    tmp_path: Path, days: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    run(lake, days[0])
    before = rows_of(lake)
    own = tmp_path / "own"
    own.mkdir()
    suite = {
        "name": "impossible",
        "expectations": [
            {
                "type": "expect_table_row_count_to_be_between",
                "kwargs": {"min_value": 1_000_000},
                "severity": "critical",
                "description": "A night has a million pages.",
                "meta": {"marsad": {"scope": "batch", "rule": "a_million_pages"}},
            }
        ],
        "meta": {"marsad": {"over": "staged_pages", "description": "Never holds."}},
    }
    (own / "impossible.json").write_text(json.dumps(suite))
    monkeypatch.setenv("MARSAD_EXPECTATIONS", str(own))
    summary = run(lake, days[1])
    assert summary.status == "blocked"
    assert summary.snapshot_id is None
    assert summary.error is not None and "a_million_pages" in summary.error
    assert rows_of(lake) == before
    query = (
        "select count(*) from ops.validations where not success and severity = 'critical'"
        f" and run_id = '{summary.run_id}'"
    )
    assert value(lake, query) == 1
    assert value(lake, f"select status from ops.runs where run_id = '{summary.run_id}'") == (
        "blocked"
    )
    pages = "".join(path.read_text("utf-8") for path in (lake / "data_docs").rglob("*.html"))
    assert "A night has a million pages." in pages
    monkeypatch.delenv("MARSAD_EXPECTATIONS")
    assert run(lake, days[1]).status == "published"

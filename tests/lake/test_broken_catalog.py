"""A catalog that a killed writer left half written, or that broke: what readers and writers see."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from lake_nights import MIXED, publish_pages, rows_of

from marsad.errors import LakeError, MarsadError
from marsad.lake.catalog_copy import keep_copy
from marsad.lake.connect import catalog_path, copy_path, open_lake
from marsad.lake.lock import writer_lock

#: Changes a catalog until its pages overflow into the file, and dies before the commit.
_DIE_IN_A_COMMIT = """
import os, sqlite3, sys
con = sqlite3.connect(sys.argv[1], isolation_level=None)
con.execute("pragma cache_size = 2")
con.execute("begin")
con.execute("update ducklake_snapshot set schema_version = 77, next_file_id = 0")
con.execute("create table junk (x)")
for _ in range(3000):
    con.execute("insert into junk values (?)", ("x" * 200,))
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake of two nights, with the copy of its catalog that a run leaves."""
    publish_pages(tmp_path, MIXED[:3], "first")
    publish_pages(tmp_path, MIXED[3:], "second")
    assert keep_copy(tmp_path)
    return tmp_path


def test_a_writer_that_is_killed_as_it_commits_leaves_nothing_behind(lake: Path) -> None:
    before = rows_of(lake)
    done = subprocess.run([sys.executable, "-c", _DIE_IN_A_COMMIT, str(catalog_path(lake))])
    assert done.returncode == -signal.SIGKILL
    log = lake / "catalog.sqlite-wal"
    assert log.stat().st_size > 500_000
    assert rows_of(lake) == before
    publish_pages(lake, MIXED[:1], "third")
    assert len(rows_of(lake)["pages"]) == len(before["pages"]) + 1
    assert keep_copy(lake)


def test_a_reader_in_a_transaction_does_not_keep_the_writer_from_committing(lake: Path) -> None:
    before = rows_of(lake)
    with open_lake(lake) as con:
        con.execute("begin")
        con.execute("select count(*) from news.pages").fetchone()
        began = time.monotonic()
        publish_pages(lake, MIXED[:1], "third")
        assert time.monotonic() - began < 20
        row = con.execute("select count(*) from news.pages").fetchone()
        assert row == (len(before["pages"]),)
    assert len(rows_of(lake)["pages"]) == len(before["pages"]) + 1


def test_readers_need_no_right_to_write(lake: Path, tmp_path: Path) -> None:
    before = rows_of(lake)
    if os.geteuid():
        lake.chmod(0o555)
        undo = ["chmod", "755", str(lake)]
    else:  # root may write wherever the disk itself can be written to
        subprocess.run(["mount", "--bind", str(lake), str(lake)], check=True)
        undo = ["umount", str(lake)]
        subprocess.run(["mount", "-o", "remount,ro,bind", str(lake)], check=True)
    try:
        assert not os.access(lake, os.W_OK)
        temps = set(Path(tempfile.gettempdir()).glob("marsad-catalog-*"))
        assert rows_of(lake) == before
        with pytest.raises(MarsadError, match="cannot be written to"), writer_lock(lake):
            pass
    finally:
        subprocess.run(undo, check=True)
    assert set(Path(tempfile.gettempdir()).glob("marsad-catalog-*")) <= temps


def _overwrite_the_middle(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xa5" * (len(data) - 8192))


@pytest.mark.parametrize("read_only", [True, False], ids=["reader", "writer"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(b"x" * 9000), id="junk"),
        pytest.param(lambda path: os.truncate(path, path.stat().st_size // 2), id="cut"),
        pytest.param(_overwrite_the_middle, id="overwritten"),
    ],
)
def test_a_broken_catalog_is_told_with_the_copy_that_mends_it(
    lake: Path, spoil: "object", read_only: bool
) -> None:
    before = rows_of(lake)
    spoil(catalog_path(lake))  # type: ignore[operator]
    with (
        pytest.raises(LakeError, match="put back the copy of") as told,
        open_lake(lake, read_only=read_only),
    ):
        pass
    assert "\n" not in str(told.value)
    mending = str(told.value).split("`")[1]
    subprocess.run(mending, shell=True, check=True)
    assert rows_of(lake) == before


def test_a_broken_catalog_never_replaces_its_copy(lake: Path) -> None:
    good = copy_path(lake).read_bytes()
    assert not keep_copy(lake), "nothing has changed"
    _overwrite_the_middle(catalog_path(lake))
    assert not keep_copy(lake)
    assert copy_path(lake).read_bytes() == good
    assert not list(lake.glob("*.new"))

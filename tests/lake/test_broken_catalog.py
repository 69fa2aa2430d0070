"""A catalog that a killed writer left half written, or that broke: what readers and writers see."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lake_nights import MIXED, publish_pages, rows_of

from marsad.errors import LakeError
from marsad.lake.catalog_copy import keep_copy
from marsad.lake.connect import catalog_path, copy_path, open_lake

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


def test_readers_open_a_lake_whose_writer_was_killed_as_it_committed(lake: Path) -> None:
    before = rows_of(lake)
    done = subprocess.run([sys.executable, "-c", _DIE_IN_A_COMMIT, str(catalog_path(lake))])
    assert done.returncode == -signal.SIGKILL
    journal = lake / "catalog.sqlite-journal"
    assert journal.stat().st_size > 0
    assert catalog_path(lake).stat().st_size > 500_000
    assert rows_of(lake) == before
    assert not journal.exists()


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
    assert f"cp {copy_path(lake)} {catalog_path(lake)}" in str(told.value)
    shutil.copy(copy_path(lake), catalog_path(lake))
    assert rows_of(lake) == before


def test_a_broken_catalog_never_replaces_its_copy(lake: Path) -> None:
    good = copy_path(lake).read_bytes()
    assert not keep_copy(lake), "nothing has changed"
    _overwrite_the_middle(catalog_path(lake))
    assert not keep_copy(lake)
    assert copy_path(lake).read_bytes() == good
    assert not list(lake.glob("*.new"))

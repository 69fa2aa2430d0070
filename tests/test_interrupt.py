"""Ctrl-C in a command that reads: it ends at once, in one line, with 130 and no half file."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from lake_nights import MIXED, publish_pages

from marsad.lake.guard import Guard
from marsad.lake.query import run_query
from marsad.settings import QueryBounds

MARSAD = str(Path(sys.executable).parent / "marsad")

#: Take hours: one that gives its rows at the end, and one that gives them all the time.
COUNT = "select count(*) from range(1000000000) a, range(100000) b where hash(a.range, b.range) = 1"
ROWS = "select a.range as x, b.range % 2 as p from range(1000000000) a, range(100000) b"


def is_running(pid: int) -> bool:
    """Whether a process has begun its query: it has worked for longer than to start takes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) > 2 * os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["sql", COUNT], id="sql"),
        pytest.param(["export", ROWS, "--from-lake", "--output", "x.xlsx"], id="workbook"),
        pytest.param(
            ["export", ROWS, "--from-lake", "--output", "x", "--partition-by", "p"], id="folder"
        ),
    ],
)
def test_ctrl_c_ends_a_command_and_leaves_nothing(tmp_path: Path, command: list[str]) -> None:
    lake, here = tmp_path / "lake", tmp_path / "here"
    here.mkdir()
    publish_pages(lake, MIXED, "one")
    process = subprocess.Popen(
        [MARSAD, *command, "--lake", str(lake)],
        cwd=here,
        env={**os.environ, "TMPDIR": str(tmp_path), "MARSAD_SQL_MEMORY_MB": "4000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As a terminal starts it, also where these tests are started in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        while not is_running(process.pid):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (out, err) == ("", "marsad: interrupted; nothing was written\n")
    assert process.returncode == 130
    assert list(here.iterdir()) == []
    assert [path.name for path in tmp_path.glob("marsad-*")] == []


def test_an_interrupt_leaves_the_connection_usable_and_signals_as_they_were() -> None:
    con, bounds = duckdb.connect(), QueryBounds()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        press = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        press.start()
        with pytest.raises(KeyboardInterrupt):
            run_query(con, COUNT, bounds)
        assert run_query(con, "select 1 as x", bounds)["x"].to_list() == [1]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.signal(signal.SIGINT, before)


def test_whoever_listens_to_ctrl_c_already_still_hears_it() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        with Guard(duckdb.connect(), QueryBounds()):
            os.kill(os.getpid(), signal.SIGINT)
        assert heard == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)

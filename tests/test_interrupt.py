"""Ctrl-C in a command that reads: it ends at once, in one line, with 130 and no half file."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import NoReturn, cast

import duckdb
import pytest
from lake_nights import MIXED, publish_pages

from marsad.__main__ import main
from marsad.commands.flow_runs import published_since
from marsad.lake.connect import lake_exists, open_lake
from marsad.lake.guard import Guard
from marsad.lake.query import run_query
from marsad.night.whole import run_whole
from marsad.settings import QueryBounds, load_settings
from marsad.synth.generate import SynthOptions, generate

MARSAD = str(Path(sys.executable).parent / "marsad")

#: Take hours: one that gives its rows at the end, and one that gives them all the time.
COUNT = "select count(*) from range(1000000000) a, range(100000) b where hash(a.range, b.range) = 1"
ROWS = "select a.range as x, b.range % 2 as p from range(1000000000) a, range(100000) b"


def is_running(pid: int) -> bool:
    """Whether a process has begun its query: it has worked for longer than to start takes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) > 2 * os.sysconf("SC_CLK_TCK")


def wait_for_end(group: int) -> None:
    """Wait until no process of a group is left; helpers end a little later than who has them."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"processes of the group {group} go on")


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


class Interrupted:
    """A module that Ctrl-C keeps from being imported."""

    def __getattr__(self, name: str) -> NoReturn:
        raise KeyboardInterrupt


def test_ctrl_c_before_the_command_is_imported_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "marsad.cli", cast("ModuleType", Interrupted()))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "marsad: interrupted; nothing was published\n"


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


def test_ctrl_c_of_a_terminal_ends_a_run_and_all_that_it_started(tmp_path: Path) -> None:
    made = generate(SynthOptions(pages=3000, seed=5, out=tmp_path / "synth", truth=False))
    lake = tmp_path / "lake"
    environment = {**os.environ, "MARSAD_WORKERS": "2"}
    # A server of its own, and not the one of these tests.
    for name in ("MARSAD_STARTED_BY", "PREFECT_API_URL"):
        environment.pop(name, None)
    environment["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"
    process = subprocess.Popen(
        [MARSAD, "run", str(made.dumps), "--lake", str(lake)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own, as a terminal makes one for each command.
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    try:
        said = ""
        while " parse " not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (out, err.splitlines()[-1:]) == ("", ["marsad: interrupted; nothing was published"])
    assert "Traceback" not in err
    assert process.returncode == 130
    assert not any((lake / "staging").glob("*"))
    wait_for_end(process.pid)


def of_prefect() -> NoReturn:
    """Fail as Prefect does where Ctrl-C comes as a task begins."""
    try:
        raise KeyboardInterrupt
    finally:
        raise ValueError("Task run is not set")


def of_the_engine() -> NoReturn:
    """Fail as DuckDB does."""
    raise RuntimeError("Query interrupted")


@pytest.mark.parametrize("fail", [of_prefect, of_the_engine])
def test_what_others_make_of_ctrl_c_is_no_failed_run(
    tmp_path: Path, fail: Callable[[], NoReturn]
) -> None:
    settings = load_settings(lake=tmp_path / "lake", workers=1, environ={})
    with pytest.raises(KeyboardInterrupt):
        run_whole(settings, "nightly", lambda *_: fail())
    assert not lake_exists(settings.place)


def test_what_an_interrupted_command_published_is_told(tmp_path: Path) -> None:
    # When these runs are said to be.
    began = datetime(2024, 2, 1, tzinfo=UTC)
    settings = load_settings(lake=tmp_path / "lake", environ={})
    assert published_since(settings, began) == "nothing was published"
    publish_pages(tmp_path / "lake", MIXED, "one")
    assert published_since(settings, began) == "the run was published before"
    assert published_since(settings, began + timedelta(days=1)) == "nothing was published"


def test_a_lake_without_tables_has_published_nothing(tmp_path: Path) -> None:
    settings = load_settings(lake=tmp_path / "lake", environ={})
    settings.lake.mkdir()
    with open_lake(settings.place, read_only=False):
        pass
    assert published_since(settings, datetime.now(UTC)) == "nothing was published"

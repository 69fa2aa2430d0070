"""One writer at a time: who waits, who is told, and that the dead hold nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marsad.errors import LakeLockedError
from marsad.lake.lock import writer_lock

_HOLD = """
import sys, time
from pathlib import Path
from marsad.lake.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("holding", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def _holder(lake: Path, seconds: float) -> "subprocess.Popen[str]":
    """Start a process that holds the lock, and return once it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(lake), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_the_second_ends_at_once_with_a_clear_line(tmp_path: Path) -> None:
    with _holder(tmp_path, 60) as holder:
        began = time.monotonic()
        with (
            pytest.raises(LakeLockedError, match=r"another run is writing.*--wait"),
            writer_lock(tmp_path),
        ):
            pass
        assert time.monotonic() - began < 1
        holder.kill()


def test_the_second_waits_where_it_is_asked_to(tmp_path: Path) -> None:
    said: list[str] = []
    with _holder(tmp_path, 1):
        with writer_lock(tmp_path, wait=True, on_wait=lambda: said.append("waiting")):
            pass
        assert said == ["waiting"]
    with writer_lock(tmp_path, wait=True, on_wait=lambda: said.append("again")):
        pass
    assert said == ["waiting"]


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    with _holder(tmp_path, 60) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with writer_lock(tmp_path):
            pass

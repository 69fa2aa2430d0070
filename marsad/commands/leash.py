"""What a command has started ends with it, however the command ends.

Prefect's temporary server is a process that the run's own stops as it exits; a run that is killed
exits without that, and the server would stay for good.
"""

import atexit
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Final

#: Stands in the environment of all that the command starts.
_MARK: Final = "MARSAD_STARTED_BY"

#: Waits for the end of its input, which is the end of the command, and ends what bears the mark.
_WATCH: Final = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.buffer.read()
# What ends by itself, now that its parent did, needs no sign.
time.sleep(1)
for sign in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
    left = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if sys.argv[1].encode() in (folder / "environ").read_bytes().split(b"\\0"):
                left.append(int(folder.name))
                os.kill(left[-1], sign)
        except OSError:
            continue
    if not left:
        break
    time.sleep(2)
"""


def end_all_with_this_process() -> None:
    """Let everything that this process starts from now on end when it does.

    Where there is no /proc (outside Linux) nothing is done: there a killed run may leave a server.
    """
    if _MARK in os.environ or not Path("/proc/self/environ").is_file():
        return
    os.environ[_MARK] = secrets.token_hex(16)
    watch = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WATCH, f"{_MARK}={os.environ[_MARK]}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
        # A terminal that is closed or interrupted speaks to all of its group, but not to this.
        start_new_session=True,
    )

    assert watch.stdin is not None
    # Registered before Prefect's own, and so called after the server was stopped. Nobody waits for
    # the watch: helpers of multiprocessing bear the mark too, and end only after this process.
    atexit.register(watch.stdin.close)

"""Run a command, and measure it and its children: seconds, cores' time and memory."""

import contextlib
import json
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAUSE = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measured:
    """What a command took, and the JSON object of its last line.

    Attributes:
        seconds: from its start to its end.
        cpu: seconds of all cores together, which other programs' noise hardly changes.
        peak: the largest sum of the resident memory of it and its children, in bytes; memory that
            processes share counts once for each.
        said: what it printed.
    """

    seconds: float
    cpu: float
    peak: int
    said: dict[str, Any]


def measured(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end.

    Args:
        command: prints a JSON object as its last line.
        environ: variables that it gets besides those of this process.

    Raises:
        SystemExit: it failed; its own message is shown.
    """
    spent = _cpu_of_children()
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environ or {})},
    )
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(PAUSE):
            peak = max(peak, sum(map(_resident, _tree(process.pid))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{err[-2000:]}")
    return Measured(
        seconds, _cpu_of_children() - spent, peak, json.loads(out.strip().splitlines()[-1])
    )


def _cpu_of_children() -> float:
    """Return the time of all processes that have ended below this one."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree(pid: int) -> list[int]:
    """Return a process and all that descend from it.

    Only these are asked for: to look through all processes ten times a second took a tenth of a
    core from those who use every core.
    """
    found = [pid]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # it has ended
                found += map(int, path.read_text().split())
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0

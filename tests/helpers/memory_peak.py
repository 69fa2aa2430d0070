"""The most memory that a program has held."""

import resource
from pathlib import Path


def peak_mb() -> int:
    """Return the peak of this program, in megabytes.

    Not `ru_maxrss`: Linux hands it on to a new program from the process that started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
    lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024

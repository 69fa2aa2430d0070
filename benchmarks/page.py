"""The page that benchmarks write: each renews the part between its own marks."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def renew(page: Path, part: str, lines: Sequence[str]) -> None:
    """Put lines between a part's marks, in place of what stands there.

    Raises:
        SystemExit: the page has no such marks.
    """
    text = page.read_text("utf-8")
    start, end = f"<!-- {part}: start -->", f"<!-- {part}: end -->"
    before, found, rest = text.partition(start)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise SystemExit(f"{page} has no {start} … {end}")
    body = "\n".join(lines)
    page.write_text(f"{before}{start}\n{body}\n{end}{after}", "utf-8")


def machine() -> str:
    """Say what this was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


def stages(seconds: dict[str, float]) -> str:
    """Say how long each stage took."""
    return ", ".join(f"{name} {spent:.1f} s" for name, spent in seconds.items())

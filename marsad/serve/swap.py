"""Put a new published file in place of the old one, which is kept, and take it back.

Both are renames within one folder: there is a whole file at every moment, and whoever has the old
one open keeps it.
"""

import os
import shutil
from pathlib import Path

from marsad.errors import ServeError


def published_path(lake: Path) -> Path:
    """Return the file that readers open."""
    return lake / "marsad.duckdb"


def previous_path(lake: Path) -> Path:
    """Return the file as it was before the newest build."""
    return lake / "marsad.previous.duckdb"


def partial_path(lake: Path) -> Path:
    """Return the file while it is built."""
    return lake / "marsad.partial.duckdb"


def _second_name(path: Path, name: Path) -> None:
    """Give a file a second name, or a copy where the file system has no second names."""
    name.unlink(missing_ok=True)
    try:
        os.link(path, name)
    except OSError:
        shutil.copyfile(path, name)


def swap_in(lake: Path) -> None:
    """Put the file that was built in place, and keep the one that stood there."""
    current, spare = published_path(lake), lake / "marsad.spare.duckdb"
    if current.is_file():
        _second_name(current, spare)
        spare.replace(previous_path(lake))
    partial_path(lake).replace(current)


def swap_back(lake: Path) -> None:
    """Put the previous file in place again; the one that stood there is the previous one then.

    Raises:
        ServeError: no previous file was kept.
    """
    current, previous = published_path(lake), previous_path(lake)
    if not previous.is_file():
        raise ServeError(f"no previous published file in {lake}: the next build will keep one")
    spare = lake / "marsad.spare.duckdb"
    if current.is_file():
        _second_name(current, spare)
    previous.replace(current)
    if spare.is_file():
        spare.replace(previous)

"""A copy of the catalog beside it, and what to do when the catalog itself is broken.

The catalog is one small file that says which of many files are the lake. Every run leaves a whole
copy of it, so that a bad block in that file costs no more than what came after the copy.
"""

import contextlib
import os
import sqlite3

from marsad.lake.connect import catalog_path, copy_path, lake_exists
from marsad.place import Where, place_of


def keep_copy(lake: Where) -> bool:
    """Copy the catalog beside itself, unless it is broken or as the copy has it.

    The caller holds the writer lock, and has no other connection to the lake open. A copy replaces
    the one before it only once it is whole; what goes wrong here (a full disk) is no reason to fail
    a run, and leaves the old copy as it was.

    Returns:
        Whether there is a new copy.
    """
    if place_of(lake).catalog is not None:
        # A server's databases are backed up by its own means.
        return False
    catalog, copy = catalog_path(lake), copy_path(lake)
    if not lake_exists(lake):
        return False
    log = catalog.with_name(f"{catalog.name}-wal")
    changed = max(path.stat().st_mtime_ns for path in (catalog, log) if path.is_file())
    if copy.is_file() and copy.stat().st_mtime_ns >= changed:
        return False
    new = copy.with_suffix(".new")
    try:
        new.unlink(missing_ok=True)
        with (
            contextlib.closing(sqlite3.connect(catalog)) as source,
            contextlib.closing(sqlite3.connect(new)) as target,
        ):
            source.backup(target)
            if target.execute("pragma quick_check").fetchone() != ("ok",):
                return False
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(copy)
    except (OSError, sqlite3.Error):
        return False
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
    return True

"""Keep the lake small and quick: fewer files, fewer snapshots, no files that nobody needs.

Nothing here changes a row that a reader can see. Files that are no longer needed stay for a grace
period, because a reader may have opened them before they were replaced.

Files are merged only while nobody else has the catalog open: that changes what the catalog says of
old snapshots, and DuckDB reads a SQLite catalog anew for each table, whatever the transaction. A
reader in the middle of one would miss rows.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from marsad.errors import LakeError
from marsad.lake.connect import CATALOG, catalog_path, first_line, open_lake
from marsad.lake.files import broken_files, stored_files
from marsad.place import Where, place_of

#: The part of a file's rows that is deleted before the file is worth writing anew.
_REWRITE_AT = 0.25


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept for how long.

    Attributes:
        days: snapshots younger than this are kept.
        runs: the snapshots of so many published runs are kept, however old, and all since.
        grace: how long a file that is not needed any more is kept for those who still read it.
    """

    days: float = 30
    runs: int = 14
    grace: timedelta = timedelta(hours=24)


#: Seconds to wait for readers to be gone before files are merged, and between two looks.
_PATIENCE, _PAUSE = 60.0, 0.05


@dataclass(frozen=True, slots=True)
class Maintained:
    """What the maintenance of a lake did.

    Attributes:
        n_snapshots_expired: snapshots that cannot be travelled to any more.
        n_files_merged: files that were written together, or anew without their deleted rows.
        n_files_made: files that they became.
        is_merge_put_off: whether readers kept files from being merged.
        n_files_deleted: files that no snapshot needed, past their grace.
        n_orphans_deleted: files that no snapshot ever knew: what killed runs left.
        n_bytes_freed: bytes of all deleted files.
    """

    n_snapshots_expired: int
    n_files_merged: int
    n_files_made: int
    is_merge_put_off: bool
    n_files_deleted: int
    n_orphans_deleted: int
    n_bytes_freed: int


def maintain_lake(lake: Where, keep: Retention, *, patience: float = _PATIENCE) -> Maintained:
    """Expire old snapshots, merge small files, and delete what nobody needs.

    Each step is a transaction of its own and safe to stop after. Nothing is deleted unless every
    file of the catalog is where it should be.

    Args:
        lake: where it is; the caller holds the writer lock, and has no connection open.
        keep: what is kept for how long.
        patience: seconds to wait for a moment without readers before files are merged; where there
            is none, that is put off.

    Raises:
        LakeError: the lake is damaged, or a step failed; what readers see is as it was.
    """
    merged = made = 0
    try:
        with open_lake(lake, read_only=False) as con:
            broken = broken_files(con, lake)
            if broken:
                raise LakeError(
                    f"nothing was done, because the lake is damaged: {broken[0]};"
                    " `marsad doctor` says more"
                )
            expired = _expire(con, keep)
        with _alone(lake, patience) as is_alone:
            if is_alone:
                with open_lake(lake, read_only=False, is_shared=False) as con:
                    merged, made = _merge(con)
        with open_lake(lake, read_only=False) as con:
            stored = stored_files(lake)
            deleted, freed = _delete(con, "ducklake_cleanup_old_files", keep.grace, stored)
            orphans, more = _delete(con, "ducklake_delete_orphaned_files", keep.grace, stored)
    except (duckdb.Error, OSError) as error:
        raise LakeError(f"maintenance stopped: {first_line(error)}") from error
    return Maintained(expired, merged, made, not is_alone, deleted, orphans, freed + more)


@contextlib.contextmanager
def _alone(lake: Where, patience: float) -> Iterator[bool]:
    """Take the catalog's write-ahead log away, which SQLite does only for who is alone with it.

    Without it, who comes while the block runs waits for a commit, and a commit for who reads.
    On PostgreSQL nobody has to be alone: a reader's transaction is one snapshot of the catalog.

    Yields:
        Whether it could be done before patience ran out.
    """
    if place_of(lake).catalog is not None:
        yield True
        return
    until = time.monotonic() + patience
    while not (is_alone := _journal(lake, "delete") == "delete") and time.monotonic() < until:
        time.sleep(_PAUSE)
    try:
        yield is_alone
    finally:
        # The next writer would do the same; but then a night would wait for a reader.
        while is_alone and _journal(lake, "wal") != "wal" and time.monotonic() < until + patience:
            time.sleep(_PAUSE)


def _journal(lake: Where, mode: str) -> str:
    """Ask SQLite for a journal mode; return the one that there is."""
    with contextlib.closing(sqlite3.connect(catalog_path(lake), timeout=1)) as con:
        try:
            return str(con.execute(f"pragma journal_mode = {mode}").fetchone()[0])
        except sqlite3.OperationalError:
            return "unknown"


def _expire(con: duckdb.DuckDBPyConnection, keep: Retention) -> int:
    """Expire snapshots that are older than the bound and before the last runs; return how many."""
    row = con.execute(
        "select snapshot_id from lake.ops.runs where status = 'published'"
        f" and snapshot_id is not null order by run_id desc limit 1 offset {int(keep.runs) - 1}"
    ).fetchone()
    if row is None:
        return 0
    # The snapshot before a run's own is what the run is compared with.
    oldest_kept = int(row[0]) - 1
    expired = con.execute(
        f"select snapshot_id from ducklake_snapshots('{CATALOG}')"
        f" where snapshot_id < {oldest_kept}"
        f" and snapshot_time < now() - interval '{float(keep.days) * 86400} seconds'"
        " order by snapshot_id"
    ).fetchall()
    if expired:
        versions = ", ".join(str(int(snapshot)) for (snapshot,) in expired)
        con.execute(f"call ducklake_expire_snapshots('{CATALOG}', versions => [{versions}])")
    return len(expired)


def _merge(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Write small files together, and files anew that hold many deleted rows.

    Returns:
        How many files became how many.
    """
    rows = []
    for call in (
        # First what the catalog itself holds: DuckLake fails to write files anew for a table with
        # a DOUBLE column of which SQLite has rows.
        f"ducklake_flush_inlined_data('{CATALOG}')",
        f"ducklake_rewrite_data_files('{CATALOG}', delete_threshold => {_REWRITE_AT})",
        f"ducklake_merge_adjacent_files('{CATALOG}')",
    ):
        con.execute("begin")
        con.execute(f"call {CATALOG}.set_commit_message('marsad', 'maintain')")
        done = con.execute(f"from {call}").fetchall()
        con.execute("commit")
        # schema, table, files, files made; of what was flushed: schema, table, rows
        rows += [row for row in done if len(row) == 4]
    return sum(int(row[2]) for row in rows), sum(int(row[3]) for row in rows)


def _delete(
    con: duckdb.DuckDBPyConnection, function: str, grace: timedelta, stored: Mapping[str, int]
) -> tuple[int, int]:
    """Delete the files that a function of DuckLake finds, if none of them is in use.

    Args:
        con: a connection with the lake attached for writing.
        function: DuckLake's name of it.
        grace: files that were written, or replaced, since then are kept.
        stored: bytes by path of what there is.

    Returns:
        How many files, and how many bytes.

    Raises:
        LakeError: the function would delete a file that the newest snapshots read.
    """
    past = f"older_than => now() - interval '{grace.total_seconds()} seconds'"
    found = con.execute(f"from {function}('{CATALOG}', dry_run => true, {past})").fetchall()
    if not found:
        return 0, 0
    # Versions of DuckLake have taken files in use for orphans: it is looked at twice.
    in_use = {name for (name,) in con.execute(_IN_USE).fetchall()}
    wrong = sorted(path for (path,) in found if Path(path).name in in_use)
    if wrong:
        raise LakeError(f"nothing was deleted: {function} names a file in use, {wrong[0]}")
    n_bytes = sum(stored.get(path, 0) for (path,) in found)
    con.execute(f"call {function}('{CATALOG}', {past})")
    return len(found), n_bytes


#: Names of all files that some snapshot reads; they are unique, so folders do not matter.
_IN_USE = f"""
    select parse_filename(path) from __ducklake_metadata_{CATALOG}.ducklake_data_file
    union all
    select parse_filename(path) from __ducklake_metadata_{CATALOG}.ducklake_delete_file
"""

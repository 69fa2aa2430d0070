"""What is wrong with a lake, and what to do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import duckdb

from marsad.errors import LakeLockedError
from marsad.lake.connect import catalog_path, copy_path, lake_exists, open_lake
from marsad.lake.files import broken_files, unknown_files, unreadable_tables
from marsad.lake.integrity import failed_checks, repeated_keys
from marsad.lake.lock import writer_lock
from marsad.lake.migrate import migrations
from marsad.night.context import left_over
from marsad.night.findings import Finding
from marsad.night.summary import BLOCKED, FAILED
from marsad.settings import Settings


def examine_lake(settings: Settings) -> Iterator[Finding]:
    """Look at the catalog, its files, and what they hold."""
    lake = settings.place
    is_copied = lake.catalog is None and copy_path(lake).is_file()
    if not lake_exists(lake) and not is_copied:
        yield Finding("ok", "lake", f"none in {lake} yet", "make one with `marsad run INPUT...`")
        return
    if lake.catalog is None:
        yield from _embedded_catalog(settings)
    else:
        yield Finding(
            "ok", "catalog", f"{lake.catalog.name}, of which the server's backups take care"
        )
    with open_lake(lake) as con:
        yield from _schema(settings, con)
        broken = broken_files(con, lake)
        unreadable = [] if broken else list(unreadable_tables(con))
        for line in (*broken, *unreadable):
            yield Finding(
                "error",
                "files",
                line,
                "put the file back from a backup, or roll back to a run before it",
            )
        if broken or unreadable:
            return
        yield Finding("ok", "files", "every file of the catalog is there, whole and readable")
        wrong = (*repeated_keys(con), *failed_checks(con, settings.sql))
        for line in wrong:
            yield Finding("error", "rows", line, "roll back to the last run without it")
        if not wrong:
            yield Finding("ok", "rows", "keys are unique, and every reference leads somewhere")
        yield from _left_over(settings, unknown_files(con, lake))


def _embedded_catalog(settings: Settings) -> Iterator[Finding]:
    """Look at the catalog's own soundness, and at its copy."""
    catalog, copy = catalog_path(settings.lake), copy_path(settings.lake)
    if lake_exists(settings.place):
        # While nothing of this process has it open: two SQLites undo each other's locks.
        try:
            with closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as sqlite:
                said = str(sqlite.execute("pragma integrity_check").fetchone()[0])
        except sqlite3.DatabaseError as error:
            said = str(error)
        if said != "ok":
            todo = (
                f"stop all runs, then `rm -f {catalog}-* && cp {copy} {catalog}`,"
                " and run again over what came since"
            )
            yield Finding("error", "catalog", said.splitlines()[0], todo)
    if not copy.is_file():
        yield Finding(
            "warning", "catalog", "the catalog has no copy beside it", "the next run makes one"
        )


def _schema(settings: Settings, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Look at the version of the lake's schema."""
    names = con.execute("select name from ops.migrations").fetchall()
    newest = max((int(name[:4]) for (name,) in names if name[:4].isdigit()), default=0)
    known = max(number for number, _ in migrations(settings.sql))
    if newest > known:
        yield Finding(
            "error",
            "schema",
            f"version {newest}, of a newer Marsad; this one knows {known}",
            "install the newer Marsad; until then the lake can be read, not written",
        )
    elif newest < known:
        yield Finding("ok", "schema", f"version {newest}; the next run makes it {known}")
    else:
        yield Finding("ok", "schema", f"version {newest}")


def _left_over(settings: Settings, unknown: list[str]) -> Iterator[Finding]:
    """Look for what killed runs left; while a run goes on, it is that run's."""
    try:
        with writer_lock(settings.place):
            staged = left_over(settings)
    except LakeLockedError:
        yield Finding("ok", "left over", "a run is writing now; what it writes is not looked at")
        return
    if staged or unknown:
        yield Finding(
            "warning",
            "left over",
            f"{len(staged)} staging folders and {len(unknown)} files that the catalog does not"
            " know, of runs that were killed",
            "`marsad maintain` deletes them",
        )
    else:
        yield Finding("ok", "left over", "nothing of killed runs")


def examine_runs(settings: Settings) -> Iterator[Finding]:
    """Look at how the last run ended."""
    if not lake_exists(settings.place):
        return
    with open_lake(settings.place) as con:
        row = con.execute(
            "select kind, status, strftime(finished_at, '%Y-%m-%d %H:%M'), error from ops.runs"
            " order by run_id desc limit 1"
        ).fetchone()
    if row is None:
        yield Finding("ok", "runs", "none yet")
        return
    kind, status, when, error = row
    found = f"the last, {kind} of {when} UTC, was {status}"
    if status in (BLOCKED, FAILED):
        yield Finding("warning", "runs", f"{found}: {error}", "see to its cause, and run again")
    else:
        yield Finding("ok", "runs", found)

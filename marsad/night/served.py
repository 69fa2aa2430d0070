"""Serve what was published: the published file, built beside the old one, and the report on it."""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from marsad.errors import MarsadError, ServeError
from marsad.lake.access import load_extension
from marsad.lake.connect import attach, connect, first_line, lake_exists, open_lake
from marsad.lake.escape import literal
from marsad.night.context import RunContext, staging_root
from marsad.night.summary import RunSummary
from marsad.serve.build import PUBLISHED, STORAGE_VERSION, build
from marsad.serve.report import Report, build_report, report_path
from marsad.serve.swap import partial_path, previous_path, published_path, swap_in
from marsad.settings import Settings


@dataclass(frozen=True, slots=True)
class Served:
    """What was served.

    Attributes:
        path: the published file.
        n_bytes: its size.
        seconds: how long it took to build.
    """

    path: str
    n_bytes: int
    seconds: float


def serve(settings: Settings) -> Served:
    """Build the published file and put it in place, or leave the old one where it is.

    The caller holds the writer lock.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
        ServeError: the file could not be built.
    """
    began = time.perf_counter()
    partial = partial_path(settings.lake)
    try:
        _remove(partial)
        _build(settings, partial)
        swap_in(settings.lake)
    except duckdb.Error as error:
        raise ServeError(f"the published file was not replaced: {first_line(error)}") from error
    except OSError as error:
        raise ServeError(f"the published file was not replaced: {error}") from error
    finally:
        _remove(partial)
    path = published_path(settings.lake)
    return Served(str(path), path.stat().st_size, round(time.perf_counter() - began, 3))


def serve_published(context: RunContext, summary: RunSummary) -> RunSummary:
    """Serve after a publication, and say in its summary how it went.

    The night is published whatever happens here: what fails is a warning, and readers keep the
    file and the report that they have.
    """
    try:
        served = serve(context.settings)
    except MarsadError as error:
        return replace(summary, warnings=(*summary.warnings, f"serve: {error}"))
    summary = replace(summary, published_file=served.path)
    try:
        report = write_report(context.settings)
    except MarsadError as error:
        return replace(summary, warnings=(*summary.warnings, f"serve: {error}"))
    return replace(summary, report=str(report.path))


def write_report(settings: Settings) -> Report:
    """Write the report on the newest night of the published file that is in place.

    Raises:
        ServeError: there is no published file, or the page cannot be written.
    """
    lake = settings.lake
    return build_report(
        published_path(lake), report_path(lake), sql=settings.sql, data_docs=lake / "data_docs"
    )


def serve_if_behind(context: RunContext, summary: RunSummary) -> RunSummary:
    """Serve after a run with nothing new, where the run before it was killed before it served."""
    if not summary.is_good or not _is_behind(context.settings):
        return summary
    return serve_published(context, summary)


def _is_behind(settings: Settings) -> bool:
    """Whether the published file is missing, unreadable, or of an older state than the lake."""
    if not lake_exists(settings.place):
        return False
    with open_lake(settings.place) as con:
        row = con.execute(
            "select max(snapshot_id) from ops.runs where status = 'published'"
        ).fetchone()
    if row is None or row[0] is None:
        return False
    # Where the file before has the newest state, somebody has put an older one in place.
    files = (published_path(settings.lake), previous_path(settings.lake))
    return not any(_shows(path, int(row[0])) for path in files)


def _shows(path: Path, snapshot_id: int) -> bool:
    """Whether a published file is of this snapshot."""
    try:
        with duckdb.connect(path, read_only=True) as con:
            shown = con.execute("select value from about where name = 'snapshot_id'").fetchone()
    except duckdb.Error:
        return False
    return shown is not None and shown[0] == str(snapshot_id)


def _build(settings: Settings, partial: Path) -> None:
    # In the staging folder, which the next run clears should this one be killed.
    root = staging_root(settings)
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="serve-", dir=root, ignore_cleanup_errors=True) as spill:
        con = connect(threads=settings.workers, temp=Path(spill))
        try:
            attach(con, settings.place, read_only=True)
            load_extension(con, "fts")
            con.execute(
                f"attach {literal(str(partial))} as {PUBLISHED}"
                f" (storage_version {literal(STORAGE_VERSION)})"
            )
            build(
                con,
                settings.sql,
                Path(spill),
                threads=settings.workers,
                memory_bytes=settings.serve_memory_bytes,
                bodies=settings.publish_bodies,
            )
            # Everything is in the file, and nothing in a log beside it, before it gets its name.
            con.execute(f"checkpoint {PUBLISHED}")
            con.execute("use memory.main")
            con.execute(f"detach {PUBLISHED}")
        finally:
            con.close()
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    partial.with_name(partial.name + ".wal").unlink(missing_ok=True)

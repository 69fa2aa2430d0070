"""What a run stages, where workers on other machines share it with the machine that publishes.

They share a folder, or a prefix beside the data on S3. From there the publisher takes each part
once into its own folder, where the audit and the publication read it several times.
"""

import functools
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from marsad.files import written_whole
from marsad.lake.staged import read_part, write_part
from marsad.night.context import RunContext
from marsad.objects import list_objects, read_object, write_object

#: Parts that are fetched at a time: each waits for the store most of its time.
_THREADS = 16


def share_part(
    context: RunContext, table: str, name: str, frame: pl.DataFrame, *, by: str | None = None
) -> None:
    """Write a part of a table to where all see it, as `write_part` does."""
    write_part(context.shared, table, name, frame, by=by)


def shared_part(
    context: RunContext, table: str, name: str, columns: list[str] | None = None
) -> pl.DataFrame:
    """Read a part that somebody shares; these columns of it, or all."""
    return read_part(context.shared, table, name, columns)


def share_bytes(context: RunContext, name: str, data: bytes) -> None:
    """Write a file to where all see it, whole or not at all."""
    if context.is_apart:
        write_object(f"{context.shared}/{name}", data)
        return
    with written_whole(context.staging / name) as partial:
        partial.write_bytes(data)


def shared_bytes(context: RunContext, name: str) -> bytes:
    """Read a file that somebody shares."""
    if context.is_apart:
        return read_object(f"{context.shared}/{name}")
    return (context.staging / name).read_bytes()


def share_plan(context: RunContext) -> None:
    """Let workers see the plan that discovery wrote."""
    if context.is_apart:
        share_bytes(context, context.plan_path.name, context.plan_path.read_bytes())


def shared_plan(context: RunContext) -> Path:
    """Return the file of the plan on this machine."""
    if not context.is_apart:
        return context.plan_path
    return Path(_fetched(f"{context.shared}/{context.plan_path.name}").name) / "plan.parquet"


@functools.lru_cache(maxsize=1)
def _fetched(uri: str) -> "tempfile.TemporaryDirectory[str]":
    """Fetch a plan once for all chunks of this worker; the folder goes with the next run's."""
    folder = tempfile.TemporaryDirectory(prefix="marsad-plan-")
    (Path(folder.name) / "plan.parquet").write_bytes(read_object(uri))
    return folder


def gather(context: RunContext, tables: Iterable[str]) -> None:
    """Take the parts of these tables that workers shared into the publisher's own folder."""
    if not context.is_apart:
        return
    root = f"{context.shared}/"
    missing = []
    for table in tables:
        for found in list_objects(root + table):
            path = context.staging / found.uri.removeprefix(root)
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                missing.append((found.uri, path))
    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(lambda part: part[1].write_bytes(read_object(part[0])), missing):
            pass

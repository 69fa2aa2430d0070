"""Discover dumps, and parse them chunk by chunk into staged tables."""

import functools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from glob import iglob
from pathlib import Path
from typing import Final

import polars as pl

from marsad.dumps.addresses import objects_of
from marsad.dumps.fields import FieldMap, load_fields
from marsad.dumps.plan import Plan
from marsad.dumps.plan import discover as discover_dumps
from marsad.dumps.read import read_chunk
from marsad.errors import ConfigError
from marsad.lake.connect import lake_exists, open_lake
from marsad.lake.escape import literal
from marsad.lake.staged import write_empty_parts
from marsad.night.context import RunContext
from marsad.night.progress import Progress, report
from marsad.night.sharing import share_part, share_plan, shared_plan
from marsad.objects import is_object
from marsad.parse.page import Parsed, parse_records
from marsad.parse.rules import Rules
from marsad.reference import load_rules
from marsad.schema import STAGED
from marsad.settings import Settings


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What one chunk held.

    Attributes:
        n_bytes: bytes of input, as the plan counts them.
        seconds: time it took in its worker.
    """

    chunk_no: int
    n_records: int
    n_pages: int
    n_rejects: int
    n_bytes: int
    seconds: float


def is_input(name: str) -> bool:
    """Whether a file, a folder or a glob names something, here or on a store.

    Raises:
        ConfigError: the store refuses, or does not answer.
    """
    if is_object(name):
        try:
            return any(True for _ in objects_of(name))
        except OSError as error:
            raise ConfigError(f"{error}: see to the store and to AWS_*") from None
    # A glob may be absolute, which Path.glob refuses.
    return Path(name).exists() or any(iglob(name, recursive=True))  # noqa: PTH207


def require_inputs(inputs: Sequence[str]) -> None:
    """Check that there is something to read, before anything is touched.

    Raises:
        ConfigError: no input is there at all. One that is missing among others is a problem of
            the run, which goes on.
    """
    if not inputs:
        raise ConfigError("no input: give files, folders or globs of dumps")

    if not any(map(is_input, inputs)):
        raise ConfigError(f"no such file or folder: {', '.join(inputs)}")


def discover(context: RunContext, inputs: Sequence[str], observed: datetime | None) -> Plan:
    """Find the dumps that the lake does not have, and write the plan of their chunks.

    Args:
        context: the run.
        inputs: paths, addresses of objects, globs and folders.
        observed: the caller's date for records that have none of their own.
    """
    settings = context.settings
    write_empty_parts(context.staging)
    done = 0

    def seen(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        report(Progress("discover", done))

    plan = discover_dumps(
        inputs,
        limits=settings.limits,
        fields=reference(settings)[1],
        observed=observed,
        known=lambda ids: _published(context, ids),
        plan_path=context.plan_path,
        workers=settings.workers,
        progress=seen,
    )
    share_plan(context)
    return plan


def _published(context: RunContext, dump_ids: Sequence[str]) -> set[str]:
    """Return which of these dumps the lake has published."""
    lake = context.settings.place
    if not dump_ids or not lake_exists(lake):
        return set()
    with open_lake(lake) as con:
        # As text: to bind values, or a frame, makes DuckDB import pandas, which costs a second.
        asked = ", ".join(map(literal, dump_ids))
        found = con.execute(
            f"select dump_id from ops.dumps where status = 'published' and dump_id in ({asked})"
        ).fetchall()
    return {row[0] for row in found}


@functools.lru_cache(maxsize=2)
def reference(settings: Settings) -> tuple[Rules, FieldMap]:
    """Return the reference data, read once in each worker."""
    paths = [settings.reference / "fields.csv"]
    if settings.user_reference is not None:
        paths.append(settings.user_reference / "fields.csv")
    return load_rules(settings), load_fields([path for path in paths if path.is_file()])


#: Tables that the publication of a large night reads one range of articles after the other; where
#: memory is ample the ranges are few, and sightings stay by page, as nearly all ask for them.
_BY_ARTICLE: Final = frozenset({"articles", "sightings"})
_BY_ARTICLE_IF_AMPLE: Final = frozenset({"articles"})


def parse_chunk(context: RunContext, chunk_no: int, n_bytes: int) -> ChunkResult:
    """Parse one chunk into parts of the staged tables; runs in a worker.

    The parts' names come from the chunk's number, so that a chunk that is parsed again, after a
    worker died, writes over what was there.
    """
    began = time.perf_counter()
    settings = context.settings
    rules, fields = reference(settings)
    _require_same(context, rules)
    n_records = n_pages = n_rejects = 0
    by_article = _BY_ARTICLE_IF_AMPLE if settings.has_ample_memory else _BY_ARTICLE
    batches = read_chunk(shared_plan(context), chunk_no, limits=settings.limits, fields=fields)
    for number, batch in enumerate(batches):
        parsed = parse_records(batch.records, rules)
        tables = {table: getattr(parsed, table) for table in Parsed.__slots__}
        counts = batch.counts
        late = tables["rejects"].group_by("dump_id").len("late")
        if late.height:
            counts = (
                counts.join(late, on="dump_id", how="left")
                .with_columns(n_rejects=pl.col("n_rejects") + pl.col("late").fill_null(0))
                .drop("late")
            )
        tables["rejects"] = pl.concat([batch.rejects, tables["rejects"]])
        tables["dump_counts"] = counts
        for table, frame in tables.items():
            if frame.height:
                part = frame.select(STAGED[table].names()).cast(STAGED[table])
                by = "article_id" if table in by_article else None
                share_part(context, table, f"{chunk_no:06d}-{number:06d}", part, by=by)
        n_records += int(counts["n_records"].sum())
        n_rejects += tables["rejects"].height
        n_pages += tables["pages"].height
    seconds = round(time.perf_counter() - began, 3)
    return ChunkResult(chunk_no, n_records, n_pages, n_rejects, n_bytes, seconds)


def _require_same(context: RunContext, rules: Rules) -> None:
    """Check that this worker, which may be on another machine, works as the run's own would.

    Raises:
        ConfigError: it would make other rows, or has nowhere to put them.
    """
    if rules.parser_version != context.parser_version:
        raise ConfigError(
            f"the worker on {socket.gethostname()} has parser {rules.parser_version[:12]}, the run"
            f" {context.parser_version[:12]}: give both the same Marsad and reference data"
        )
    if not context.is_apart and not context.staging.is_dir():
        raise ConfigError(
            f"the worker on {socket.gethostname()} does not see {context.staging}: set MARSAD_DATA"
            " to a folder that all machines share, or to s3://bucket/prefix"
        )


class _Parsed:
    """What has been parsed so far, by run: chunks end in several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_run: dict[str, tuple[int, int]] = {}


_parsed = _Parsed()


def report_chunk(context: RunContext, result: ChunkResult) -> None:
    """Tell whoever watches that a chunk is done."""
    with _parsed.lock:
        n_bytes, n_records = _parsed.by_run.get(context.run_id, (0, 0))
        n_bytes, n_records = n_bytes + result.n_bytes, n_records + result.n_records
        _parsed.by_run = {context.run_id: (n_bytes, n_records)}
        report(Progress("parse", n_bytes, n_records))

"""Decide what a run reads: which dumps are new, and which worker reads which part."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from marsad.dumps.chunks import chunks, shared, units
from marsad.dumps.facts import Facts, Span, inspect
from marsad.dumps.fields import FieldMap
from marsad.dumps.walk import path_of, walk
from marsad.errors import DumpError
from marsad.objects import is_object
from marsad.schema import UTC
from marsad.settings import Limits

#: One row a unit: a dump, or the part of a large one that can be read by itself.
PLAN: Final = pl.Schema(
    {
        "chunk_no": pl.Int64(),  # from 0, rising
        "dump_id": pl.String(),
        "uri": pl.String(),
        "format": pl.String(),
        "codecs": pl.String(),  # joined by dots, the outermost first; empty: none
        "n_bytes": pl.Int64(),  # of the dump's file
        "start": pl.Int64(),  # null: all of the file; else as in `facts.Span`
        "end": pl.Int64(),
        "first_record_no": pl.Int64(),
        "observed_default": UTC,
        "is_dated": pl.Boolean(),  # whether the caller gave that date
        "share": pl.Int64(),  # which of its pieces: each `n_shares`-th from this, from 0
        "n_shares": pl.Int64(),
    }
)

#: What became of each file.
DUMPS: Final = pl.Schema(
    {
        "dump_id": pl.String(),
        "uri": pl.String(),
        "format": pl.String(),  # with its codecs, `jsonl.gz`
        "n_bytes": pl.Int64(),
        "sha256": pl.String(),
        "status": pl.String(),  # `new`, `skipped`, `failed`
        "problem": pl.String(),  # why, for the latter two
    }
)

#: Problems that are told one by one; a folder of a million strange files has one line for the rest.
MAX_PROBLEMS: Final = 1000
_FILES_AT_A_TIME: Final = 4096
_LARGE_BYTES: Final = 4 * 2**20
#: Threads that hash: two for the disk of this machine, more where each waits for a store.
_THREADS, _OBJECT_THREADS = 2, 16
_KNOWN_BATCH: Final = 50_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run reads.

    Attributes:
        path: the plan, Parquet with the columns of `PLAN`, in order of `chunk_no`.
        n_chunks: how many chunks there are.
        chunk_bytes: of each chunk about how many decompressed bytes it holds.
        dumps: a row for each file, columns of `DUMPS`, by uri.
        problems: inputs that are missing, empty, unreadable, or of no kind that is read.
    """

    path: Path
    n_chunks: int
    chunk_bytes: tuple[int, ...]
    dumps: pl.DataFrame
    problems: tuple[DumpError, ...]


def discover(
    inputs: Sequence[str],
    *,
    limits: Limits,
    fields: FieldMap,
    observed: datetime | None,
    known: Callable[[Sequence[str]], set[str]],
    plan_path: Path,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Find the dumps that are meant, hash each once, and cut the new ones into chunks.

    The order of `inputs` and of folders changes nothing: files are taken by uri. Of files with
    the same bytes the one with the smallest uri is read.

    Args:
        inputs: paths, addresses of objects, globs and folders (`walk.walk`).
        limits: bounds on input.
        fields: the synonyms of field names.
        observed: the date of all records that have none of their own, UTC; None: that in the
            path, else the file's time of change.
        known: gives back those of some dump ids that are published already.
        plan_path: where to write the plan.
        workers: how many will read; they share what cannot be cut.
        progress: is told how many bytes were hashed since it was last told; from any thread.

    Returns:
        The plan. What is wrong with single files is in it, and never raised.
    """
    uris, problems = walk(inputs)
    files, spans = _inspect_all(uris, limits, fields, problems, progress)
    files = _judge(files, known)
    new = files.filter(status="new")
    parts = shared(units(new, spans, observed), workers, limits)
    chunk_no, chunk_bytes = chunks(parts["unit_bytes"].to_list(), limits)
    plan = parts.with_columns(pl.Series("chunk_no", chunk_no, pl.Int64)).select(list(PLAN))
    plan_path.parent.mkdir(parents=True, exist_ok=True)
    plan.write_parquet(plan_path, row_group_size=2**16)
    format_ = pl.concat_str(
        "format", pl.col("codecs").str.split(".").list.reverse().list.join("."), separator="."
    )
    dumps = files.with_columns(format_.str.strip_chars_end(".").alias("format")).select(list(DUMPS))
    return Plan(plan_path, len(chunk_bytes), tuple(chunk_bytes), dumps, _capped(problems))


def _inspect_all(
    uris: list[str],
    limits: Limits,
    fields: FieldMap,
    problems: list[DumpError],
    progress: Callable[[int], None] | None,
) -> tuple[pl.DataFrame, dict[str, tuple[Span, ...]]]:
    """Inspect files, a few at a time; return a row for each that is a dump, and their spans."""
    frames: list[pl.DataFrame] = []
    spans: dict[str, tuple[Span, ...]] = {}
    with ThreadPoolExecutor(_OBJECT_THREADS if any(map(is_object, uris)) else _THREADS) as pool:
        for batch in _batched(uris, _FILES_AT_A_TIME):
            large = {
                uri: pool.submit(inspect, uri, limits, fields, progress)
                for uri in batch
                if _is_large(uri)
            }
            facts = [
                large[uri].result() if uri in large else inspect(uri, limits, fields, progress)
                for uri in batch
            ]
            spans.update((fact.uri, fact.spans) for fact in facts if len(fact.spans) > 1)
            problems += [DumpError(fact.uri, fact.rule, fact.detail) for fact in facts if fact.rule]
            frames.append(_frame(fact for fact in facts if fact.format))
    return pl.concat([_frame([]), *frames]), spans


def _is_large(uri: str) -> bool:
    """Whether a thread is worth it: over small files threads only wait for each other."""
    if is_object(uri):
        return True
    try:
        return os.stat(path_of(uri)).st_size > _LARGE_BYTES  # noqa: PTH116 - a hot path
    except OSError:
        return False


def _batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _frame(facts: Iterable[Facts]) -> pl.DataFrame:
    rows = [fact._replace(spans=()) for fact in facts]
    schema = {
        "uri": pl.String,
        "n_bytes": pl.Int64,
        "mtime_us": pl.Int64,
        "sha256": pl.String,
        "format": pl.String,
        "codecs": pl.String,
        "content_bytes": pl.Int64,
        "rule": pl.String,
        "detail": pl.String,
    }
    columns = {name: [getattr(row, name) for row in rows] for name in schema}
    return pl.DataFrame(columns, schema=schema)


def _judge(files: pl.DataFrame, known: Callable[[Sequence[str]], set[str]]) -> pl.DataFrame:
    """Say of each file, sorted by uri, whether it is new, and why not where it is not."""
    files = files.with_columns(pl.col("sha256").str.head(32).alias("dump_id"))
    ids = files["dump_id"].unique(maintain_order=True)
    seen: set[str] = set()
    for start in range(0, len(ids), _KNOWN_BATCH):
        seen |= known(ids.slice(start, _KNOWN_BATCH).to_list())
    first_uri = pl.col("uri").first().over("dump_id")
    is_known = pl.col("dump_id").is_in(pl.Series(sorted(seen), dtype=pl.String).implode())
    return files.with_columns(
        pl.when(is_known)
        .then(
            pl.struct(
                pl.lit("skipped").alias("status"), pl.lit("published before").alias("problem")
            )
        )
        .when(first_uri != pl.col("uri"))
        .then(
            pl.struct(
                pl.lit("skipped").alias("status"),
                pl.format("the same bytes as {}", first_uri).alias("problem"),
            )
        )
        .when(pl.col("rule").is_not_null())
        .then(
            pl.struct(
                pl.lit("failed").alias("status"),
                pl.format("{}: {}", "rule", "detail").alias("problem"),
            )
        )
        .otherwise(
            pl.struct(pl.lit("new").alias("status"), pl.lit(None, pl.String).alias("problem"))
        )
        .alias("judgement")
    ).unnest("judgement")


def _capped(problems: list[DumpError]) -> tuple[DumpError, ...]:
    problems = sorted(problems, key=lambda problem: (problem.uri, problem.rule))
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    n_more = len(problems) - MAX_PROBLEMS
    rest = DumpError(problems[MAX_PROBLEMS].uri, "more_problems", f"and {n_more} more like these")
    return (*problems[:MAX_PROBLEMS], rest)

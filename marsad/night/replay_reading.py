"""Read open rejects again with today's parser, into the staged tables.

Most rejects are read from what was kept of them. Where that is cut or not enough (rows of CSV and
Parquet), the dump is read again, if its file is still there and has not changed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from marsad.dumps.again import read_kept
from marsad.dumps.plan import discover
from marsad.dumps.read import read_chunk
from marsad.errors import ConfigError
from marsad.lake.connect import open_lake
from marsad.lake.rejects import OPEN, Selection, read_rejects
from marsad.lake.staged import write_empty_parts, write_part
from marsad.night.context import RunContext
from marsad.night.ingest import reference
from marsad.parse.page import parse_records
from marsad.schema import STAGED
from marsad.settings import Settings

#: Rejects that one worker reads at a time.
_PART: Final = 2_000
#: Where a record stands; a member is null outside archives.
PLACE: Final = ("dump_id", "member", "record_no")
#: Rules that reject a file and not a record: today it may hold any number of records.
_WHOLE_FILES: Final = ("no_file", "unknown_format")


@dataclass(frozen=True, slots=True)
class Part:
    """Some rejects that one worker reads.

    Attributes:
        name: of its file of rejects, and of the staged parts that come of it.
        dump_id: the dump that is read again; null: they are read from what was kept.
        plan: of that dump.
        chunk_no: the chunk of that plan.
    """

    name: str
    dump_id: str | None = None
    plan: Path | None = None
    chunk_no: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a replay tries.

    Attributes:
        parts: the rejects, by how they are read.
        not_tried: one line for each dump and reason for which some cannot be.
    """

    parts: tuple[Part, ...]
    not_tried: tuple[str, ...]

    @property
    def read_again(self) -> frozenset[str]:
        """The dumps that are read again."""
        return frozenset(part.dump_id for part in self.parts if part.dump_id is not None)


def require_rejects(settings: Settings, selection: Selection) -> None:
    """Check that there is something to try, before anything is touched.

    Raises:
        LakeError: there is no lake.
        ConfigError: the selection names what is not there.
    """
    with open_lake(settings.place) as con:
        found = read_rejects(con, replace(selection, status=None))
    if selection.names and not found.filter(status=OPEN).height:
        statuses = ", ".join(found["status"].unique().sort())
        raise ConfigError(f"none of these rejects is open ({statuses or 'none is there'})")


def choose(context: RunContext, selection: Selection) -> Chosen:
    """Read the open rejects of a selection from the lake, and decide how each is tried."""
    write_empty_parts(context.staging)
    with open_lake(context.settings.place) as con:
        rejects = read_rejects(con, replace(selection, status=OPEN))
    rejects.write_parquet(context.staging / "chosen.parquet")
    folder = context.staging / "replay"
    folder.mkdir()
    not_tried = []
    whole_file = pl.col("rule").is_in(_WHOLE_FILES) | pl.col("record_no").is_null()
    for uri, count in _by_uri(rejects.filter(whole_file)):
        not_tried.append(told(uri, count, "they stand for whole files, of which no record is kept"))
    rejects = rejects.filter(~whole_file)
    is_kept = pl.col("raw_form").is_not_null() & pl.col("observed_default").is_not_null()
    found = []
    for number, rows in enumerate(rejects.filter(is_kept).iter_slices(_PART)):
        found.append(Part(f"kept-{number:06d}"))
        rows.write_parquet(folder / f"{found[-1].name}.parquet")
    by_dump = rejects.filter(~is_kept).group_by("uri", "dump_id", maintain_order=True)
    for number, ((uri, dump_id), rows) in enumerate(by_dump):
        made, problem = _plan(context, number, str(uri), str(dump_id))
        if problem is not None:
            not_tried.append(told(str(uri), rows.height, problem))
            continue
        for part in made:
            rows.write_parquet(folder / f"{part.name}.parquet")
        found += made
    return Chosen(tuple(found), tuple(not_tried))


def _by_uri(rejects: pl.DataFrame) -> list[tuple[str, int]]:
    return [(str(uri), n) for uri, n in rejects.group_by("uri").len().sort("uri").iter_rows()]


def told(uri: str, count: int, reason: str) -> str:
    """Say that some rejects of a dump were not tried, and why."""
    return f"{uri}: {count} not tried: {reason}"


def _plan(
    context: RunContext, number: int, uri: str, dump_id: str
) -> tuple[list[Part], str | None]:
    """Plan to read a dump again; or say why it cannot be."""
    settings = context.settings
    path = context.staging / "replay" / f"plan-{number:06d}.parquet"
    plan = discover(
        [uri],
        limits=settings.limits,
        fields=reference(settings)[1],
        observed=None,
        known=lambda _: set(),
        plan_path=path,
    )
    if plan.problems:
        reason = "what was kept of them is cut or not enough, and the dump cannot be read"
        return [], f"{reason} ({plan.problems[0].detail})"
    if plan.dumps["dump_id"].to_list() != [dump_id]:
        return [], "what was kept of them is cut or not enough, and the file has changed since"
    names = [f"dump-{number:06d}-{chunk:06d}" for chunk in range(plan.n_chunks)]
    return [Part(name, dump_id, path, chunk) for chunk, name in enumerate(names)], None


def read_part(context: RunContext, part: Part) -> str | None:
    """Read and parse some rejects into parts of the staged tables; runs in a worker.

    Returns:
        Why the dump could not be read on, in one line; null where it could.
    """
    rules, fields = reference(context.settings)
    limits = context.settings.limits
    wanted = pl.read_parquet(context.staging / "replay" / f"{part.name}.parquet")
    if part.plan is None:
        piece = read_kept(wanted, limits=limits, fields=fields)
        records, rejects = [piece.records], [piece.rejects]
    else:
        records, rejects = [], []
        for batch in read_chunk(part.plan, part.chunk_no, limits=limits, fields=fields):
            errors = batch.counts["error"].drop_nulls()
            if len(errors):
                return str(errors[0])
            records.append(_as_seen(batch.records, wanted))
            rejects.append(_only(batch.rejects, wanted))
    parsed = parse_records(pl.concat(records), rules)
    tables = parsed.tables()
    tables["rejects"] = pl.concat([*rejects, tables["rejects"]])
    for table, frame in tables.items():
        if frame.height:
            write_part(
                context.staging,
                table,
                part.name,
                frame.select(STAGED[table].names()).cast(STAGED[table]),
            )
    return None


def _only(rows: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    return rows.join(wanted, on=PLACE, how="semi", nulls_equal=True, maintain_order="left")


def _as_seen(records: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Take the wanted records, seen when they were first: a file's time may have changed since."""
    before = wanted.select(*PLACE, pl.col("observed_default").alias("before"))
    return (
        records.join(before, on=PLACE, how="inner", nulls_equal=True, maintain_order="left")
        .with_columns(observed_default=pl.coalesce("before", "observed_default"))
        .drop("before")
    )

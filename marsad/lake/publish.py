"""Publish a night: every table in one transaction, checked before it is committed.

The statements are the files of sql/publish/, in order; the checks are those of sql/checks/, of
which each must find no row.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from marsad.errors import LakeError
from marsad.lake.connect import CATALOG, first_line
from marsad.lake.escape import literal
from marsad.lake.title_index import stage_signatures

#: The statements that run once for each range of ids.
_RANGED = frozenset({"12_night_articles.sql", "22_articles.sql"})
#: The statements that need what only Python makes of the night's titles.
_NEAR_TITLES = "17_titles.sql"
#: The first statements that need what the audit said.
_SETTLED = "80_ops.sql"
#: Memory for each sighting of a range, in bytes; the groups and joins of one took up to 1,600.
_SIGHTING_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `ops.runs`; see the comments there."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    status: str
    kind: str
    n_records: int
    n_rejects: int
    parser_version: str
    error: str | None = None
    snapshot_id: int | None = None
    n_articles_new: int = 0
    n_pages: int = 0
    n_sightings: int = 0
    n_related_links: int = 0
    n_article_keywords: int = 0
    n_warnings: int = 0
    reason: str | None = None
    target_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did."""

    snapshot_id: int
    n_articles_new: int = 0
    n_pages: int = 0
    n_sightings: int = 0
    n_related_links: int = 0
    n_article_keywords: int = 0


def newest_snapshot(con: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the lake's newest snapshot."""
    row = con.execute(f"select max(snapshot_id) from ducklake_snapshots('{CATALOG}')").fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 0


def insert_run(con: duckdb.DuckDBPyConnection, run: RunRow) -> None:
    """Write a run's row; the caller holds the transaction."""
    names = RunRow.__slots__
    # As text: binding a value makes DuckDB import pandas, which costs a second.
    values = ", ".join(_value(getattr(run, name)) for name in names)
    con.execute(f"insert into {CATALOG}.ops.runs ({', '.join(names)}) values ({values})")


def _value(value: str | int | datetime | None) -> str:
    """Return a value of a run's row as SQL."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"{literal(value.isoformat())}::timestamptz"
    return literal(value.replace("\0", "\ufffd"))


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return 0 if row is None else int(row[0])


def id_ranges(n_sightings: int, size: int) -> list[tuple[str, str]]:
    """Return ranges of ids that hold about `size` sightings each, and every id together.

    Ids are hashes in hex, so that ranges as wide as each other hold as many.

    Returns:
        For each range its first id, and the one that ends it and is not of it.
    """
    n_ranges = max(1, -(-n_sightings // size))
    ends = [f"{number * 16**8 // n_ranges:08x}" for number in range(n_ranges)]
    return list(itertools.pairwise([*ends, "g"]))  # `g` stands behind all digits


def check(con: duckdb.DuckDBPyConnection, sql: Path) -> tuple[str, ...]:
    """Run the checks of `sql`/checks; return one line for each that finds rows."""
    failed = []
    for path in sorted((sql / "checks").glob("*.sql")):
        row = con.execute(f"select count(*) from ({path.read_text('utf-8')})").fetchone()
        if row is not None and row[0]:
            failed.append(f"check {path.stem} finds {row[0]} rows")
    return tuple(failed)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is known of a night once its audit is done.

    Attributes:
        run: the run's row, without what only the publication can know.
        rejects: rows of `ops.rejects`.
        validations: rows of `ops.validations`.
    """

    run: RunRow
    rejects: pl.DataFrame
    validations: pl.DataFrame


def publish(
    con: duckdb.DuckDBPyConnection,
    sql: Path,
    settle: Callable[[], Settlement],
    *,
    scratch: Path,
    memory: int = 4_000_000_000,
    proceed: Callable[[], None] = lambda: None,
) -> Published:
    """Publish what is staged, in one transaction.

    Args:
        con: a connection with the lake attached for writing, the staged relations of
            `marsad.lake.staged.register`, and `rejected_pages` filled by the audit.
        sql: the folder that holds publish/ and checks/.
        settle: asked when the news is written, and before anything of the run is: it may wait for
            the rest of the audit. What it raises takes back all that was written.
        scratch: a folder of this run for files that nobody needs afterwards.
        memory: bytes that the connection may hold.
        proceed: called before each file of statements. What it raises takes back all that was
            written, and its files; that of an interrupted statement stays until `marsad maintain`.

    Raises:
        LakeError: a statement or a check failed; the lake is as it was.
    """

    def write() -> RunRow:
        ranges: list[tuple[str, str]] = []
        n_sightings = 0
        run: RunRow | None = None
        for path in sorted((sql / "publish").glob("*.sql")):
            proceed()
            statements = path.read_text("utf-8")
            if path.name in _RANGED:
                if not ranges:
                    n_sightings = _count(con, "select count(*) from night_sightings")
                    ranges = id_ranges(n_sightings, memory // _SIGHTING_BYTES)
                for first, end in ranges:
                    con.execute(f"set variable first_id = '{first}'; set variable end_id = '{end}'")
                    con.execute(statements)
                continue
            if path.name == _NEAR_TITLES:
                stage_signatures(con, scratch)
            if path.name == _SETTLED:
                run = _settle(con, settle())
            con.execute(statements)
        failed = check(con, sql)
        if failed:
            raise LakeError(f"nothing was published: {'; '.join(failed)}")
        assert run is not None, f"no {_SETTLED} in {sql}"
        return replace(
            run,
            n_articles_new=_count(con, "select count(*) from merged_articles where is_new"),
            n_pages=_count(con, "select count(*) from night_pages"),
            n_sightings=n_sightings,
            n_related_links=_count(con, "select count(*) from night_related_links"),
            n_article_keywords=_count(con, "select count(*) from night_article_keywords"),
        )

    return commit_run(con, write)


def _settle(con: duckdb.DuckDBPyConnection, settlement: Settlement) -> RunRow:
    """Make `night_rejects` and `night_validations`; return the run's row."""
    for name in ("rejects", "validations"):
        con.register(f"run_{name}", getattr(settlement, name))
        con.execute(f"create or replace temp table night_{name} as select * from run_{name}")
        con.unregister(f"run_{name}")
    return settlement.run


def commit_run(con: duckdb.DuckDBPyConnection, write: Callable[[], RunRow]) -> Published:
    """Write to the lake and record the run, in one transaction that makes one snapshot.

    Args:
        con: a connection with the lake attached for writing; the caller holds the writer lock.
        write: does the writing, and returns the run's row without its snapshot.

    Raises:
        LakeError: it failed; the lake is as it was.
    """
    before = newest_snapshot(con)
    con.execute("begin")
    try:
        # One writer at a time: the commit makes the very next snapshot.
        run = replace(write(), snapshot_id=before + 1)
        insert_run(con, run)
        _commit(con, run)
    except duckdb.Error as error:
        _rollback(con)
        raise LakeError(f"nothing was published: {first_line(error)}") from error
    except BaseException:
        _rollback(con)
        raise
    published = Published(**{name: getattr(run, name) for name in Published.__slots__})
    try:
        after = newest_snapshot(con)
    except duckdb.Error:
        return published  # what is committed stays so, although nobody can look (a full disk)
    if after != published.snapshot_id:
        raise LakeError(
            f"the publication made snapshot {after}, not {published.snapshot_id}:"
            " another program wrote to the lake without its lock"
        )
    return published


def _commit(con: duckdb.DuckDBPyConnection, run: RunRow) -> None:
    """Commit what a run wrote, under its name."""
    message = literal(f"{run.kind} {run.run_id}")
    con.execute(f"call {CATALOG}.set_commit_message('marsad', {message})")
    con.execute("commit")


def record_run(
    con: duckdb.DuckDBPyConnection,
    run: RunRow,
    dumps: pl.DataFrame | None = None,
    validations: pl.DataFrame | None = None,
) -> None:
    """Record a run that publishes nothing: its row, its failed dumps and its validations."""
    con.execute("begin")
    try:
        if dumps is not None and dumps.height:
            con.register("run_dumps", dumps)
            con.execute(
                f"delete from {CATALOG}.ops.dumps where dump_id in (select dump_id from run_dumps)"
            )
            con.execute(f"insert into {CATALOG}.ops.dumps by name select * from run_dumps")
        if validations is not None and validations.height:
            con.register("run_validations", validations)
            con.execute(
                f"insert into {CATALOG}.ops.validations by name select * from run_validations"
            )
        insert_run(con, run)
        _commit(con, run)
    except BaseException:
        _rollback(con)
        raise


def _rollback(con: duckdb.DuckDBPyConnection) -> None:
    """Roll back; a connection that already did so, or is broken, has nothing to undo."""
    try:
        con.execute("rollback")
    except duckdb.Error:
        return

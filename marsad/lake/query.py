"""Read-only SQL for people: one statement, on a connection that can read the lake and no more.

Three fences stand one behind the other. The connection has the lake attached read-only, sees no
other folder, fetches nothing, and its settings are locked. Statements are admitted by type and by
the table functions they call, one at a time. And a query that takes too long or too much is
stopped.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING

import duckdb

from marsad.batches import batches_of
from marsad.errors import QueryError
from marsad.lake.admission import admitted, one_line
from marsad.lake.connect import PUBLISHED, attach, connect
from marsad.lake.escape import identifier, literal
from marsad.lake.guard import Guard
from marsad.lake.nearest import unknown_name
from marsad.place import Where, place_of
from marsad.settings import QueryBounds

if TYPE_CHECKING:
    import polars as pl

#: Types of the engine's that a frame has not; a difference of two times is one. Shown as texts.
_OWN_TYPES = re.compile(r"\b(INTERVAL|UNION|BIT|BIGNUM)\b")
#: Rows that are fetched at a time.
_BATCH = 100_000


@contextmanager
def open_for_people(
    lake: Where,
    bounds: QueryBounds,
    *,
    version: int | None = None,
    writes: Path | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a lake behind the first fence.

    Args:
        lake: where it is; a path is that of its folder.
        bounds: what a query may cost.
        version: a snapshot to read instead of the newest.
        writes: the one folder that statements of ours may write to, which people's cannot.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
    """
    with TemporaryDirectory(prefix="marsad-sql-", ignore_cleanup_errors=True) as spill:
        _import_early()
        con = connect(temp=Path(spill), for_users=True)
        try:
            attach(con, lake, read_only=True, version=version)
            con.execute("set search_path = 'lake.main,lake.news,lake.ops'")
            _close_in(con, bounds, place_of(lake).data_root, writes)
            yield con
        finally:
            con.close()


@contextmanager
def open_published(
    path: Path, bounds: QueryBounds, *, writes: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file behind the first fence.

    Args:
        path: the file.
        bounds: what a query may cost.
        writes: the one folder that statements of ours may write to, which people's cannot.

    Raises:
        QueryError: there is no such file, or it is not one.
    """
    if not path.is_file():
        raise QueryError(f"no published file {path}: `marsad serve` builds it")
    with TemporaryDirectory(prefix="marsad-sql-", ignore_cleanup_errors=True) as spill:
        _import_early()
        con = connect(temp=Path(spill), for_lake=False, for_users=True)
        try:
            try:
                con.execute(f"attach {literal(str(path))} as {PUBLISHED} (read_only)")
            except duckdb.Error as error:
                raise QueryError(f"{path} cannot be opened: {one_line(error)}") from error
            con.execute(f"use {PUBLISHED}.main")
            _close_in(con, bounds, writes)
            yield con
        finally:
            con.close()


def _import_early() -> None:
    """Import what takes the result while the engine loads its extensions: each takes long."""
    # One after the other: they import NumPy, which is not made to be begun twice at a time.
    Thread(target=lambda: [*map(import_module, ("polars", "pyarrow"))], daemon=True).start()


def _close_in(
    con: duckdb.DuckDBPyConnection, bounds: QueryBounds, *folders: str | Path | None
) -> None:
    """Bound what a connection may use, close all but some folders to it, and lock that."""
    # As text: a list that is bound makes DuckDB import pandas, which costs a second.
    listed = ", ".join(literal(str(folder)) for folder in folders if folder is not None)
    con.execute(f"set allowed_directories = [{listed}]")
    con.execute(f"set memory_limit = '{int(bounds.memory_bytes)}B'")
    con.execute(f"set max_temp_directory_size = '{int(bounds.spill_bytes)}B'")
    # Rows come as they stand, or as the query orders them.
    con.execute("set preserve_insertion_order = true")
    # A name that is no table is an error, and not some variable of this program.
    con.execute("set python_enable_replacements = false")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


def run_query(con: duckdb.DuckDBPyConnection, query: str, bounds: QueryBounds) -> "pl.DataFrame":
    """Run one query and return its result.

    Args:
        con: a connection of `open_for_people`.
        query: one SELECT, or EXPLAIN of one.
        bounds: what it may cost; should it obey nothing else, this process ends.

    Raises:
        QueryError: it is no query, not one, refused, fails, or costs too much.
    """
    try:
        try:
            return _watched(con, query, bounds)
        except duckdb.InterruptException:
            # Nobody asked for it, or the guard had said so: where one thread of a query fails, the
            # engine tells once in thousands of times not why, but that it stopped the others.
            return _watched(con, query, bounds)
    except duckdb.Error as error:
        raise query_error(con, error) from error


def _watched(con: duckdb.DuckDBPyConnection, query: str, bounds: QueryBounds) -> "pl.DataFrame":
    row = con.execute("select current_setting('temp_directory')").fetchone()
    spill = None if row is None or not row[0] else Path(row[0])
    with Guard(con, bounds, spill=spill):
        return _fetch(con, admitted(con, query), bounds)


def query_error(con: duckdb.DuckDBPyConnection, error: duckdb.Error) -> QueryError:
    """Return an engine's error as one line; of an unknown name, with the nearest ones."""
    unknown, told = unknown_name(con, error) or (None, one_line(error))
    return QueryError(told, unknown=unknown)


def _fetch(con: duckdb.DuckDBPyConnection, statement: str, bounds: QueryBounds) -> "pl.DataFrame":
    """Return the rows of a statement, batch by batch: they are in memory beside the engine's."""
    import polars as pl
    import pyarrow as pa

    relation = con.sql(statement)
    if relation is None:
        raise QueryError("the statement has no result; give a SELECT")
    relation = _framed(relation)
    reader = relation.to_arrow_reader(_BATCH)
    frames = [pl.DataFrame(pl.from_arrow(pa.Table.from_batches([], schema=reader.schema)))]
    n_bytes = 0
    for batch in batches_of(reader):
        n_bytes += batch.nbytes
        if n_bytes > bounds.memory_bytes:
            raise QueryError(
                f"the result is larger than {bounds.memory_bytes / 1e6:,.0f} MB:"
                " add a limit, choose columns, or raise MARSAD_SQL_MEMORY_MB"
            )
        frames.append(pl.DataFrame(pl.from_arrow(batch)))
    frame = pl.concat(frames)
    _require_times(frame)
    return frame


#: Days since 1970 of the first and the last day that a time of Python can have.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def _require_times(frame: "pl.DataFrame") -> None:
    """Check that every time can be shown: what is beyond makes whoever shows it panic.

    Raises:
        QueryError: one is infinite, or outside the years 1 to 9999.
    """
    import polars as pl

    for column in frame.get_columns():
        if column.dtype == pl.Date:
            day = 1
        elif isinstance(column.dtype, pl.Datetime):
            day = _A_DAY[column.dtype.time_unit]
        else:
            continue
        ticks = column.to_physical().drop_nulls()
        # As whole numbers of Python's: the last day in nanoseconds is more than 64 bits hold.
        lowest, highest = ticks.min(), ticks.max()
        if not isinstance(lowest, int) or not isinstance(highest, int):
            continue
        if lowest < _FIRST_DAY * day or highest >= (_LAST_DAY + 1) * day:
            raise QueryError(
                f"column {column.name!r} has times outside the years 1 to 9999:"
                f" ask for its text, as in {identifier(column.name)}::varchar"
            )


def _framed(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return a result that a frame can hold: each name once, the engine's own types as texts.

    The second `id` of a join is `id_1`, as it is in a table that DuckDB makes of the join.
    """
    names: list[str] = []
    for name in relation.columns:
        unique, number = name, 0
        while unique in names:
            number += 1
            unique = f"{name}_{number}"
        names.append(unique)
    kinds = [bool(_OWN_TYPES.search(str(kind))) for kind in relation.types]
    if names == relation.columns and not any(kinds):
        return relation
    return relation.project(
        ", ".join(
            f"#{place}{'::varchar' if is_own else ''} as {identifier(name)}"
            for place, (name, is_own) in enumerate(zip(names, kinds, strict=True), 1)
        )
    )

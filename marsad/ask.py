"""Ask the lake or the published file as a person may; errors say how to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from marsad.errors import QueryError
from marsad.lake.query import open_for_people, open_published, query_error, run_query
from marsad.serve.swap import published_path
from marsad.settings import Settings

if TYPE_CHECKING:
    import polars as pl


@contextmanager
def opened(
    settings: Settings, *, published: bool, at: str | None = None, writes: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what is asked, read-only.

    Args:
        settings: where it is, and what a query may cost.
        published: the published file instead of the lake.
        at: the lake as it was after this run.
        writes: the one folder that statements of ours may write to.

    Raises:
        MarsadError: there is none, or it cannot be opened.
    """
    if published:
        if at is not None:
            raise QueryError("--at asks the lake: leave --published out")
        with open_published(published_path(settings.lake), settings.query, writes=writes) as con:
            yield con
        return
    version = None
    if at is not None:
        from marsad.lake.connect import open_lake
        from marsad.lake.runs import find_run, require_state

        with open_lake(settings.place) as con:
            version = require_state(con, find_run(con, at))
    with open_for_people(settings.place, settings.query, version=version, writes=writes) as con:
        yield con


def answer(
    con: duckdb.DuckDBPyConnection, query: str, settings: Settings, *, published: bool
) -> "pl.DataFrame":
    """Run one query; a name that only the other database knows is told so.

    Raises:
        QueryError: it is refused, or fails.
    """
    try:
        return run_query(con, query, settings.query)
    except QueryError as error:
        raise _pointed(error, settings, published) from error


def explained(
    con: duckdb.DuckDBPyConnection, error: duckdb.Error, settings: Settings, *, published: bool
) -> QueryError:
    """Return an engine's error as one line that says what to do."""
    return _pointed(query_error(con, error), settings, published)


def _pointed(error: QueryError, settings: Settings, published: bool) -> QueryError:
    hint = error.unknown and _elsewhere(error.unknown, settings, published)
    return QueryError(hint, unknown=error.unknown) if hint else error


def _elsewhere(name: str, settings: Settings, published: bool) -> str | None:
    """Return a hint where the database that was not asked has a table or macro of this name."""
    asked = name.lower()
    if published:
        if asked.startswith(("news.", "ops.")):
            return f"{name} is in the lake: ask without --published"
        return None
    path = published_path(settings.lake)
    if not path.is_file():
        return None
    try:
        with open_published(path, settings.query) as con:
            names = con.execute(
                "select lower(table_name) from duckdb_tables() where database_name = 'published'"
                " and schema_name = 'main'"
            ).fetchall()
    except QueryError:
        return None
    return f"{name} is in the published file: add --published" if (asked,) in names else None

"""Ask the lake or the published file as a person may: opened behind a fence, errors with a way on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from marsad.errors import QueryError
from marsad.lake.query import open_for_people, open_published, run_query
from marsad.serve.swap import published_path
from marsad.settings import Settings

if TYPE_CHECKING:
    import polars as pl


@contextmanager
def opened(
    settings: Settings, *, published: bool, at: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what is asked, read-only.

    Args:
        settings: where it is, and what a query may cost.
        published: the published file instead of the lake.
        at: the lake as it was after this run.

    Raises:
        MarsadError: there is none, or it cannot be opened.
    """
    if published:
        if at is not None:
            raise QueryError("--at asks the lake: leave --published out")
        with open_published(published_path(settings.lake), settings.query) as con:
            yield con
        return
    version = None
    if at is not None:
        from marsad.lake.connect import open_lake
        from marsad.lake.runs import find_run, require_state

        with open_lake(settings.place) as con:
            version = require_state(con, find_run(con, at))
    with open_for_people(settings.place, settings.query, version=version) as con:
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
        if error.unknown is not None and (hint := _elsewhere(error.unknown, settings, published)):
            raise QueryError(hint, unknown=error.unknown) from error
        raise


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

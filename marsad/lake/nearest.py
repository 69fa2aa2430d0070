"""The names nearest to one that does not exist: what to write instead."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

import duckdb

#: How alike two names must be (2 x matching letters by the letters of both) to be proposed.
_ALIKE: Final = 0.6
_MOST: Final = 3

_TABLE = re.compile(r"Table with name (\S+) does not exist")
_COLUMN = re.compile(
    r'Referenced column "([^"]+)" (?:was )?not found|does not have a column named "([^"]+)"'
)
_CANDIDATES = re.compile(r"Candidate bindings: (.*)")
_FUNCTION = re.compile(r"Function with name (\S+) does not exist")


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that are most like one, best first.

    A name is as like as its last part is, so that `article` finds `news.articles`; a name that
    holds the other whole comes before one that is merely spelled alike.
    """

    def likeness(candidate: str) -> float:
        asked, last = name.lower().rpartition(".")[2], candidate.lower().rpartition(".")[2]
        alike = SequenceMatcher(None, asked, last).ratio()
        if len(asked) > 2 and (asked in last or last in asked):
            alike = max(alike, 0.7)
        return alike

    rated = sorted({(-likeness(candidate), candidate) for candidate in names})
    best = -rated[0][0] if rated else 0.0
    least = max(_ALIKE, best - 0.2)
    return [candidate for rate, candidate in rated if -rate >= least][:_MOST]


def unknown_name(con: duckdb.DuckDBPyConnection, error: duckdb.Error) -> tuple[str, str] | None:
    """Return the name that an error says is unknown, and one line that says what to write.

    Args:
        con: the connection on which the statement failed; its first catalog is what people ask.
        error: what the engine said.

    Returns:
        None where the error is about something else.
    """
    text = str(error)
    if found := _TABLE.search(text):
        kind, name, names = "table", found[1].strip('"!'), _tables(con)
    elif found := _COLUMN.search(text):
        kind, name = "column", next(filter(None, found.groups()))
        names = _columns(con, text)
    elif found := _FUNCTION.search(text):
        kind, name, names = "function or macro", found[1].strip('"!'), _functions(con)
    else:
        return None
    *first, last = nearest(name, names) or [""]
    if not last:
        return name, f"no {kind} {name}: `marsad tables` lists what there is"
    choice = f"{', '.join(first)} or {last}" if first else last
    return name, f"no {kind} {name}: did you mean {choice}?"


def _names(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    # Nothing is bound: a bound value makes DuckDB import pandas, which costs a second.
    return [str(name) for (name,) in con.execute(query).fetchall()]


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    return _names(
        con,
        "select if(schema_name = 'main', '', schema_name || '.') || table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name in ('main', 'news', 'ops')",
    )


def _columns(con: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """Return the columns that the engine saw in the statement, else those of all tables."""
    seen = _CANDIDATES.search(text)
    if seen is not None:
        return re.findall(r'"([^"]+)"', seen[1])
    return _names(
        con,
        "select distinct column_name from duckdb_columns()"
        " where database_name = current_database() and schema_name in ('main', 'news', 'ops')",
    )


def _functions(con: duckdb.DuckDBPyConnection) -> list[str]:
    return _names(
        con,
        "select distinct function_name from duckdb_functions()"
        " where (internal or database_name = current_database())"
        " and regexp_full_match(function_name, '[a-z]\\w*')",
    )

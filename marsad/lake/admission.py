"""Which statements a person may run: one query, that calls no function with a reach.

DuckLake's maintenance is a set of table functions that delete files before the catalog refuses
the rest; others read files, write logs, or run SQL that stands in a string. So table functions
are admitted by name, from the engine's own parse of the statement.
"""

import re
from typing import Final

import duckdb
import orjson

from marsad.errors import QueryError
from marsad.lake.connect import CATALOG, PUBLISHED, first_line
from marsad.lake.escape import literal
from marsad.lake.nearest import nearest

#: What a person may run: queries, and questions about them.
_ADMITTED: Final = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})

#: Table functions without a reach: rows from arguments, the lake's history, and what there is.
TABLE_FUNCTIONS: Final = frozenset(
    {
        "generate_series",
        "json_each",
        "json_tree",
        "range",
        "repeat",
        "unnest",
        # The history of the lake: by their own names, and as functions of the catalog.
        "ducklake_current_snapshot",
        "ducklake_snapshots",
        "ducklake_table_changes",
        "ducklake_table_deletions",
        "ducklake_table_info",
        "ducklake_table_insertions",
        "current_snapshot",
        "snapshots",
        "table_changes",
        "table_deletions",
        "table_info",
        "table_insertions",
        # What there is to ask.
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "pragma_table_info",
    }
)

#: The longest statement, and the largest parse of one, in characters: lists of thousands of ids
#: pass, towers of unions that take minutes and gigabytes to plan do not.
_MAX_CHARS: Final = 2**18
_MAX_PARSED_CHARS: Final = 2**22

_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?(\([\w\s,]*\)\s*)?", re.IGNORECASE)


def admitted(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return the statement to run.

    Args:
        con: the connection that will run it.
        query: what the person wrote.

    Raises:
        QueryError: it is no query, not one, or calls what is not for people.
    """
    if len(query) > _MAX_CHARS:
        raise QueryError(f"the statement is longer than {_MAX_CHARS:,} characters")
    if "\0" in query:
        raise QueryError("the statement holds a NUL character")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise QueryError("the statement is no UTF-8 text") from error
    try:
        statements = con.extract_statements(query)
    except duckdb.Error as error:
        raise QueryError(one_line(error)) from error
    if len(statements) != 1:
        raise QueryError(f"give one statement: there are {len(statements)}")
    kind, text = statements[0].type, statements[0].query
    if kind not in _ADMITTED:
        raise QueryError(f"{kind.name} is refused: this connection only reads; give a SELECT")
    asked = text
    if kind == duckdb.StatementType.EXPLAIN:
        match = _EXPLAIN.match(text)
        asked = text[match.end() :] if match else ""
    called = _table_functions(con, asked)
    for name in sorted(called - TABLE_FUNCTIONS):
        macros = _macros(con)
        if name not in macros:
            near = nearest(name, macros)
            raise (
                QueryError(f"no macro {name}: did you mean {' or '.join(near)}?", unknown=name)
                if near
                else QueryError(
                    f"{name}() is refused: this connection reads the tables of the lake, no files,"
                    " no settings, and changes nothing"
                )
            )
    return text


def one_line(error: duckdb.Error) -> str:
    """Return an engine's message as one line, without the excerpt of the statement."""
    lines = []
    for line in str(error).strip().splitlines():
        if line.startswith("LINE ") or line.startswith("Possible solutions"):
            break
        lines.append(line.strip())
    return " ".join(filter(None, lines)) or first_line(error)


def _table_functions(con: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """Return the names of all table functions that a SELECT calls, wherever in it.

    Raises:
        QueryError: it is no SELECT, or one too large or too deep to look through.
    """
    row = con.execute(f"select json_serialize_sql({literal(query)}::varchar)").fetchone()
    parsed = "" if row is None else str(row[0])
    if len(parsed) > _MAX_PARSED_CHARS:
        raise QueryError("the statement is too large: put long lists and unions into joins")
    try:
        tree = orjson.loads(parsed)
    except orjson.JSONDecodeError as error:
        raise QueryError("the statement is nested too deeply") from error
    if tree.get("error"):
        raise QueryError(f"the statement is refused: {tree.get('error_message')}; give a SELECT")
    called = set()
    rest: list[object] = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, list):
            rest += node
        elif isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION" and "function" in node:
                called.add(str(node["function"].get("function_name")).lower())
            rest += node.values()
    return called


def _macros(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the table macros of what is asked, which only its owner can make."""
    rows = con.execute(
        "select lower(function_name) from duckdb_functions()"
        f" where function_type = 'table_macro' and database_name in ('{CATALOG}', '{PUBLISHED}')"
    ).fetchall()
    return {row[0] for row in rows}

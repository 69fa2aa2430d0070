"""What there is to ask: tables and columns with their comments, and macros with theirs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from marsad.lake.escape import literal

#: A macro in a file of statements, and the comment above it.
_MACRO: Final = re.compile(
    r"((?:^-- .*\n)+)^create or replace macro (\w+)\(([^)]*)\) as (table)?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the engine's type, and what it means."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as people name it (`news.articles`, `story_flow`), and what a row of it is."""

    name: str
    comment: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as people call it (`trend(about, n_days)`), and what it answers."""

    name: str
    call: str
    comment: str
    is_table: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that one database offers to people."""

    tables: tuple[Table, ...]
    macros: tuple[Macro, ...]


def read_catalogue(
    con: duckdb.DuckDBPyConnection,
    database: str,
    schemas: Sequence[str],
    macro_files: Sequence[Path],
) -> Catalogue:
    """Read the catalogue of one attached database.

    Args:
        con: a connection.
        database: the name under which it is attached.
        schemas: those that people ask; names in `main` stand without it.
        macro_files: statements that made the macros, with a comment above each: the engine keeps
            no comments on macros of a lake.
    """
    wanted = ", ".join(map(literal, schemas))
    rows = con.execute(
        "select tables.schema_name, tables.table_name, tables.comment, columns.column_name,"
        " columns.data_type, columns.comment"
        " from duckdb_tables() as tables inner join duckdb_columns() as columns"
        " using (database_name, schema_name, table_name)"
        f" where database_name = {literal(database)} and schema_name in ({wanted})"
        " order by schema_name, table_name, columns.column_index"
    ).fetchall()
    tables: dict[str, tuple[str, list[Column]]] = {}
    for schema, table, comment, column, kind, meaning in rows:
        name = table if schema == "main" else f"{schema}.{table}"
        _, columns = tables.setdefault(name, (comment or "", []))
        columns.append(Column(column, kind, meaning or ""))
    there = {
        name
        for (name,) in con.execute(
            "select function_name from duckdb_functions()"
            f" where database_name = {literal(database)} and function_type in"
            " ('macro', 'table_macro')"
        ).fetchall()
    }
    macros = [macro for path in macro_files for macro in _macros(path) if macro.name in there]
    return Catalogue(
        tuple(Table(name, comment, tuple(found)) for name, (comment, found) in tables.items()),
        tuple(sorted(macros, key=lambda macro: macro.name)),
    )


def _macros(path: Path) -> list[Macro]:
    """Return the macros that a file makes."""
    found = []
    for comment, name, parameters, table in _MACRO.findall(path.read_text("utf-8")):
        text = " ".join(line.removeprefix("-- ") for line in comment.splitlines())
        found.append(Macro(name, f"{name}({parameters})", text, bool(table)))
    return found

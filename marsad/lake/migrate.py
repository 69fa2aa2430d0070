"""Bring a lake's schema up to date: the numbered files of sql/lake/, each once, in a transaction.

`ops.migrations` remembers what was applied. The macros (sql/macros.sql,
sql/lake_macros.sql) are made anew whenever their text changes.
"""

import re
from pathlib import Path

import duckdb

from marsad.errors import LakeError
from marsad.ids import hash_bytes

_NUMBERED = re.compile(r"(\d{4})_\w+\.sql")


def migrations(sql: Path) -> list[tuple[int, Path]]:
    """Return the numbered files of `sql`/lake with their numbers, in order."""
    found = ((_NUMBERED.fullmatch(path.name), path) for path in (sql / "lake").glob("*.sql"))
    return sorted((int(match[1]), path) for match, path in found if match)


def _applied(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return what was applied: name and hash of the text."""
    there = con.execute(
        "select 1 from duckdb_tables() where database_name = 'lake'"
        " and schema_name = 'ops' and table_name = 'migrations'"
    ).fetchone()
    if there is None:
        return {}
    return dict(con.execute("select name, text_hash from ops.migrations").fetchall())


def migrate(con: duckdb.DuckDBPyConnection, sql: Path) -> tuple[str, ...]:
    """Apply what is missing; return the names of what was applied.

    Args:
        con: a connection with the lake attached for writing.
        sql: the folder that holds lake/ and macros.sql.

    Raises:
        LakeError: the lake was made by a newer Marsad, or a file cannot be applied.
    """
    applied = _applied(con)
    numbered = migrations(sql)
    newest = max((int(name[:4]) for name in applied if name[:4].isdigit()), default=0)
    if newest > max(number for number, _ in numbered):
        raise LakeError(
            f"the lake has schema version {newest}, which this Marsad does not know:"
            " install the newer Marsad that wrote it"
        )
    pending = [(path.name, path.read_text("utf-8")) for number, path in numbered if number > newest]
    for macros in (sql / "macros.sql", sql / "lake_macros.sql"):
        if macros.is_file():
            text = macros.read_text("utf-8")
            if applied.get(macros.name) != hash_bytes(text.encode()):
                pending.append((macros.name, text))
    if not pending:
        return ()
    con.execute("begin")
    try:
        if not applied:
            con.execute("create schema if not exists ops")
            con.execute("create table ops.migrations (name varchar, text_hash varchar)")
            con.execute(
                "comment on table ops.migrations is"
                " 'One row for each file of sql/ that was applied to this lake.'"
            )
            con.execute("comment on column ops.migrations.name is 'Name of the file.'")
            con.execute("comment on column ops.migrations.text_hash is 'Hash of its text.'")
        for name, text in pending:
            con.execute(text)
            con.execute("delete from ops.migrations where name = $1", [name])
            con.execute(
                "insert into ops.migrations values ($1, $2)", [name, hash_bytes(text.encode())]
            )
        con.execute("commit")
    except duckdb.Error as error:
        con.execute("rollback")
        raise LakeError(f"the lake's schema cannot be brought up to date: {error}") from error
    return tuple(name for name, _ in pending)

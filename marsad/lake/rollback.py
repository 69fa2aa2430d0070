"""Put the lake back to what it was after a run, as a new snapshot: nothing of its history is lost.

All tables go back but those that tell what was done: runs, validations and migrations. So what the
news is derived from agrees with it: the counts of the phrase model, the index of titles, and the
dumps, which count as not ingested and can be run again, and their rejects.
"""

from typing import Final

import duckdb

from marsad.errors import LakeError
from marsad.lake.connect import CATALOG
from marsad.lake.escape import identifier
from marsad.lake.publish import Published, RunRow, commit_run

#: Tables that are a record of what was done, which a rollback adds to.
_KEPT: Final = frozenset({("ops", "runs"), ("ops", "validations"), ("ops", "migrations")})


def roll_back(con: duckdb.DuckDBPyConnection, run: RunRow, state_id: int) -> Published:
    """Make every table what it was at a snapshot, in one transaction, and record the run.

    Only rows that are not as they were are written. A record that a person gave up since (status
    `waived`) stays given up.

    Args:
        con: a connection with the lake attached for writing; the caller holds the writer lock.
        run: the rollback's row of `ops.runs`, with reason and target.
        state_id: the snapshot.

    Raises:
        LakeError: the tables had other columns then, or it failed; the lake is as it was.
    """
    tables = _tables(con)
    for schema, table in tables:
        _require_columns(con, schema, table, state_id, run.target_run_id)

    def write() -> RunRow:
        con.execute(
            "create or replace temp table waived_rejects as"
            f" select reject_id, reason from {CATALOG}.ops.rejects where status = 'waived'"
        )
        for schema, table in tables:
            _restore(con, _name(schema, table), state_id)
        con.execute(
            f"update {CATALOG}.ops.rejects set status = 'waived', reason = waived_rejects.reason"
            " from waived_rejects where rejects.status = 'open'"
            " and rejects.reject_id = waived_rejects.reject_id"
        )
        return run

    return commit_run(con, write)


def _name(schema: str, table: str) -> str:
    return f"{CATALOG}.{identifier(schema)}.{identifier(table)}"


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return schema and name of the tables that go back."""
    found = con.execute(
        "select schema_name, table_name from duckdb_tables()"
        f" where database_name = '{CATALOG}' order by all"
    ).fetchall()
    return [(schema, table) for schema, table in found if (schema, table) not in _KEPT]


def _require_columns(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, state_id: int, target: str | None
) -> None:
    """Check that a table had the columns then that it has today.

    Raises:
        LakeError: it had others, or was not there.
    """
    name = _name(schema, table)
    today = con.execute(f"describe {name}").fetchall()
    try:
        then = con.execute(
            f"describe select * from {name} at (version => {int(state_id)})"
        ).fetchall()
    except duckdb.Error:
        then = []
    if [row[:2] for row in then] != [row[:2] for row in today]:
        shown = (target or "")[:12]
        raise LakeError(
            f"{schema}.{table} has other columns than after run {shown}, for Marsad was updated"
            f" since: read that state with `marsad sql --at {shown}`, or go back to a later run"
        )


def _restore(con: duckdb.DuckDBPyConnection, name: str, state_id: int) -> None:
    """Make one table what it was, by the rows that were written to since.

    DuckLake numbers rows for good and knows the snapshot that each was last written in.

    Raises:
        LakeError: the table is not, row by row, what it was.
    """
    then = f"{name} at (version => {int(state_id)})"
    # Before anything is written: a transaction's own writes show in its past states too.
    wanted = _figures(con, then)
    con.execute(
        f"create or replace temp table rows_again as select * from {then}"
        f" where rowid not in (select rowid from {name} where snapshot_id <= {int(state_id)})"
    )
    con.execute(f"delete from {name} where snapshot_id > {int(state_id)}")
    con.execute(f"insert into {name} by name from rows_again")
    if _figures(con, name) != wanted:
        raise LakeError(
            f"{name} cannot be made what it was at snapshot {state_id}; nothing was changed."
            f" Its rows then: select * from {name} at (version => {state_id})"
        )


def _figures(con: duckdb.DuckDBPyConnection, state: str) -> object:
    """Return what two tables have in common only if their rows are the same, in any order."""
    return con.execute(f"select count(*), sum(hash(t)) from (from {state}) as t").fetchone()

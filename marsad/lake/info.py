"""What a lake holds: tables with rows and bytes, the last runs, the snapshots."""

from dataclasses import dataclass

import polars as pl

from marsad.lake.connect import open_lake
from marsad.lake.escape import identifier
from marsad.place import Where


@dataclass(frozen=True, slots=True)
class LakeInfo:
    """A lake at a glance.

    Attributes:
        tables: table, rows, bytes, files.
        runs: the newest runs first: run_id, started_at, status, kind, n_records, n_articles_new,
            n_rejects, snapshot_id, error.
        snapshots: the newest first: snapshot_id, snapshot_time, commit_message.
        n_snapshots: how many there are in all.
    """

    tables: pl.DataFrame
    runs: pl.DataFrame
    snapshots: pl.DataFrame
    n_snapshots: int


def read_info(lake: Where, *, newest: int = 5) -> LakeInfo:
    """Read what a lake holds.

    Args:
        lake: where it is; a path is that of its folder.
        newest: how many runs and snapshots to show.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
    """
    with open_lake(lake) as con:
        names = con.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'lake' and schema_name in ('news', 'ops') order by all"
        ).fetchall()
        rows = {
            (schema, table): con.execute(
                f"select count(*) from {identifier(schema)}.{identifier(table)}"
            ).fetchone()
            for schema, table in names
        }
        sizes = {
            name: (n_files, n_bytes)
            for name, n_files, n_bytes in con.execute(
                "select table_name, file_count, file_size_bytes + delete_file_size_bytes"
                " from ducklake_table_info('lake')"
            ).fetchall()
        }
        runs = con.sql(
            "select run_id, started_at, status, kind, n_records, n_articles_new, n_rejects,"
            f" snapshot_id, error from ops.runs order by run_id desc limit {int(newest)}"
        ).pl()
        snapshots = con.sql(
            "select snapshot_id, snapshot_time, commit_message from ducklake_snapshots('lake')"
            f" order by snapshot_id desc limit {int(newest)}"
        ).pl()
        count = con.execute("select count(*) from ducklake_snapshots('lake')").fetchone()
    tables = pl.DataFrame(
        [
            {
                "table": f"{schema}.{table}",
                "rows": 0 if (found := rows[schema, table]) is None else found[0],
                "bytes": sizes.get(table, (0, 0))[1],
                "files": sizes.get(table, (0, 0))[0],
            }
            for schema, table in names
        ],
        schema={
            "table": pl.String(),
            "rows": pl.Int64(),
            "bytes": pl.Int64(),
            "files": pl.Int64(),
        },
    )
    return LakeInfo(tables, runs, snapshots, 0 if count is None else int(count[0]))

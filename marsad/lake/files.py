"""The files of a lake: those that its catalog names, and what is wrong with them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from marsad.lake.connect import CATALOG, first_line
from marsad.lake.escape import identifier, literal

#: grain: one file that some snapshot reads; its path within the data folder.
_FILES = f"""
    select
        schemas.schema_name || '.' || tables.table_name as table_name,
        if(files.path_is_relative, schemas.path || tables.path || files.path, files.path) as path,
        files.path_is_relative as is_relative,
        files.file_size_bytes,
        files.n_rows,
        files.end_snapshot is null as is_current
    from (
        select table_id, path, path_is_relative, file_size_bytes, record_count as n_rows,
            end_snapshot
        from __ducklake_metadata_{CATALOG}.ducklake_data_file
        union all
        select table_id, path, path_is_relative, file_size_bytes, null, end_snapshot
        from __ducklake_metadata_{CATALOG}.ducklake_delete_file
    ) as files
    inner join __ducklake_metadata_{CATALOG}.ducklake_table as tables
        on files.table_id = tables.table_id
    inner join __ducklake_metadata_{CATALOG}.ducklake_schema as schemas
        on tables.schema_id = schemas.schema_id
    order by all
"""


def broken_files(con: duckdb.DuckDBPyConnection, data: Path) -> list[str]:
    """Return one line for each file of the catalog that is not there, or not as it was written.

    Args:
        con: a connection with the lake attached.
        data: folder of the lake's files; the catalog only remembers where it was made.
    """
    broken = []
    rows = con.execute(_FILES).fetchall()
    for table, path, is_relative, n_bytes, n_rows, is_current in rows:
        file = data / path if is_relative else Path(path)
        whose = f"{table}, {'newest snapshot' if is_current else 'older snapshots'}"
        if not file.is_file():
            broken.append(f"{file} is missing ({whose})")
        elif file.stat().st_size != n_bytes:
            broken.append(f"{file} has {file.stat().st_size} bytes, not {n_bytes} ({whose})")
        else:
            problem = _problem(con, file, n_rows)
            if problem:
                broken.append(f"{file} {problem} ({whose})")
    return broken


def _problem(con: duckdb.DuckDBPyConnection, file: Path, n_rows: int | None) -> str | None:
    """Say what is wrong with a Parquet file by its footer, if anything is."""
    try:
        row = con.execute(
            f"select num_rows from parquet_file_metadata({literal(str(file))})"
        ).fetchone()
    except duckdb.Error as error:
        return f"does not open: {first_line(error)}"
    found = 0 if row is None else int(row[0])
    if n_rows is not None and found != n_rows:
        return f"has {found} rows, not {n_rows}"
    return None


def unreadable_tables(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Read every value of every table; yield one line for each table that cannot be read."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables()"
        f" where database_name = '{CATALOG}' order by all"
    ).fetchall()
    for schema, table in tables:
        name = f"{identifier(CATALOG)}.{identifier(schema)}.{identifier(table)}"
        try:
            con.execute(f"select bit_xor(hash(each)) from {name} as each").fetchone()
        except duckdb.Error as error:
            yield f"{schema}.{table} cannot be read: {first_line(error)}"


def unknown_files(con: duckdb.DuckDBPyConnection, data: Path) -> list[Path]:
    """Return the Parquet files in the data folder that the catalog does not know, sorted."""
    known = {
        Path(path).name
        for (path,) in con.execute(
            f"select path from __ducklake_metadata_{CATALOG}.ducklake_data_file"
            f" union all select path from __ducklake_metadata_{CATALOG}.ducklake_delete_file"
            " union all select path from"
            f" __ducklake_metadata_{CATALOG}.ducklake_files_scheduled_for_deletion"
        ).fetchall()
    }
    return sorted(path for path in data.rglob("*.parquet") if path.name not in known)

"""The files of a lake: those that its catalog names, and what is wrong with them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from marsad.lake.connect import CATALOG, first_line
from marsad.lake.escape import identifier, literal
from marsad.objects import list_objects
from marsad.place import Where, place_of

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


def stored_files(lake: Where) -> dict[str, int]:
    """Return the bytes of every Parquet file in the data of a lake, by path or URI.

    Raises:
        OSError: the store does not answer.
    """
    place = place_of(lake)
    if place.is_remote:
        found = list_objects(place.data_root)
        return {each.uri: each.n_bytes for each in found if each.uri.endswith(".parquet")}
    files = Path(place.data_root).rglob("*.parquet")
    return {str(path): path.stat().st_size for path in files if path.is_file()}


def broken_files(con: duckdb.DuckDBPyConnection, lake: Where) -> list[str]:
    """Return one line for each file of the catalog that is not there, or not as it was written.

    Args:
        con: a connection with the lake attached.
        lake: where it is; the catalog only remembers where it was made.

    Raises:
        OSError: the store of its data does not answer.
    """
    broken = []
    root, stored = place_of(lake).data_root, stored_files(lake)
    rows = con.execute(_FILES).fetchall()
    for table, path, is_relative, n_bytes, n_rows, is_current in rows:
        file = root + path if is_relative else path
        whose = f"{table}, {'newest snapshot' if is_current else 'older snapshots'}"
        found = stored.get(file)
        if found is None:
            broken.append(f"{file} is missing ({whose})")
        elif found != n_bytes:
            broken.append(f"{file} has {found} bytes, not {n_bytes} ({whose})")
        else:
            problem = _problem(con, file, n_rows)
            if problem:
                broken.append(f"{file} {problem} ({whose})")
    return broken


def _problem(con: duckdb.DuckDBPyConnection, file: str, n_rows: int | None) -> str | None:
    """Say what is wrong with a Parquet file by its footer, if anything is."""
    try:
        row = con.execute(f"select num_rows from parquet_file_metadata({literal(file)})").fetchone()
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


def unknown_files(con: duckdb.DuckDBPyConnection, lake: Where) -> list[str]:
    """Return the Parquet files in the data of a lake that its catalog does not know, sorted."""
    known = {
        path.rpartition("/")[2]
        for (path,) in con.execute(
            f"select path from __ducklake_metadata_{CATALOG}.ducklake_data_file"
            f" union all select path from __ducklake_metadata_{CATALOG}.ducklake_delete_file"
            " union all select path from"
            f" __ducklake_metadata_{CATALOG}.ducklake_files_scheduled_for_deletion"
        ).fetchall()
    }
    return sorted(path for path in stored_files(lake) if path.rpartition("/")[2] not in known)

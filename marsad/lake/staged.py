"""The staged tables of a run as relations that the audit and the publication read.

Everything here is temporary and in memory; the lake is only read.
"""

import io
from pathlib import Path
from typing import Final, Literal

import duckdb
import polars as pl

from marsad.files import written_whole
from marsad.lake.escape import identifier, literal
from marsad.objects import is_object, read_object, write_object
from marsad.schema import STAGED

#: Bytes of a row group, about, of a part that is read by ranges. Smaller ones cost who reads all.
_RANGE_BYTES: Final = 1 << 20
#: Row groups of a part that has fewer bytes, and the bytes of the least: from parts of one group,
#: to read one range after the other took half as much again.
_RANGES: Final = 8
_LEAST_BYTES: Final = 1 << 17

#: Name of the part without rows that every table has.
EMPTY: Final = "empty"


def write_part(
    staging: Path | str, table: str, name: str, frame: pl.DataFrame, *, by: str | None = None
) -> None:
    """Write one part of a staged table, `staging/<table>/<name>.parquet`, whole or not at all.

    Args:
        staging: a folder, or the address of a prefix.
        table: the table.
        name: of the part.
        frame: its rows.
        by: a column of which one range after the other will be read: rows are sorted by it, and
            written so that who reads a range passes over most others.

    Raises:
        OSError: the disk is full, or the store does not answer.
    """
    if is_object(str(staging)):
        data = io.BytesIO()
        _write(frame, by, data, "lz4")
        write_object(_address(staging, table, name), data.getvalue())
        return
    folder = Path(staging) / table
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / f"{name}.parquet") as partial:
        _write(frame, by, partial, "uncompressed")


def _write(
    frame: pl.DataFrame,
    by: str | None,
    target: Path | io.BytesIO,
    compression: Literal["lz4", "uncompressed"],
) -> None:
    # Staged files live for minutes. In a folder they take twice the bytes, as many as were read,
    # for half of the processor time to write them; what goes over a network is packed lightly.
    if by is None:
        frame.write_parquet(target, compression=compression, statistics=False)
        return
    size = int(frame.estimated_size())
    n_groups = max(1, size // _RANGE_BYTES, min(_RANGES, size // _LEAST_BYTES))
    frame.sort(by, maintain_order=True).write_parquet(
        target,
        compression=compression,
        statistics=True,
        row_group_size=max(1, -(-frame.height // n_groups)),
    )


def read_part(
    staging: Path | str, table: str, name: str, columns: list[str] | None = None
) -> pl.DataFrame:
    """Read one part of a staged table; these columns of it, or all.

    Raises:
        OSError: it is not there, or the store does not answer.
    """
    if is_object(str(staging)):
        data = io.BytesIO(read_object(_address(staging, table, name)))
        return pl.read_parquet(data, columns=columns)
    return pl.read_parquet(Path(staging) / table / f"{name}.parquet", columns=columns)


def _address(staging: Path | str, table: str, name: str) -> str:
    return f"{staging}/{table}/{name}.parquet"


def write_empty_parts(staging: Path) -> None:
    """Write an empty part of every staged table, so that each has its columns without rows."""
    for table, schema in STAGED.items():
        write_part(staging, table, EMPTY, schema.to_frame())


def parts(staging: Path, table: str) -> str:
    """Return the glob that names all parts of a staged table."""
    return str(staging / table / "*.parquet")


def register(con: duckdb.DuckDBPyConnection, staging: Path, dumps: pl.DataFrame) -> None:
    """Make `staged_<table>` views, less all rows of failed dumps, and `staged_dumps`.

    Args:
        con: a connection whose default catalog is in memory.
        staging: folder of the run's staged tables.
        dumps: rows of `ops.dumps` of this run.
    """
    con.register("run_dumps", dumps)
    con.execute("create or replace table staged_dumps as select * from run_dumps")
    con.unregister("run_dumps")
    con.execute(
        "create or replace table rejected_pages (page_id varchar, rule varchar, detail varchar)"
    )
    failed = con.execute("select count(*) from staged_dumps where status = 'failed'").fetchone()
    some_failed = failed is not None and failed[0] > 0
    for table, schema in STAGED.items():
        query = f"select * from read_parquet({literal(parts(staging, table))})"
        if some_failed:
            # Rare, and then the views pay for it: on most nights no dump fails.
            if "dump_id" in schema:
                good = "dump_id in (select dump_id from staged_dumps where status <> 'failed')"
                query += f" where {good}"
            elif "page_id" in schema:
                query += " where page_id in (select page_id from staged_pages)"
        con.execute(f"create or replace view {identifier('staged_' + table)} as {query}")

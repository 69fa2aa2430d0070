"""What a run has staged, and the lake, in one engine: for the audit and the publication."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from marsad.lake.connect import attach, connect
from marsad.lake.migrate import migrate
from marsad.lake.staged import register
from marsad.night.context import RunContext
from marsad.night.workers import dismiss_workers


@contextmanager
def open_staged(context: RunContext, dumps: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake, migrated, with the run's staged relations; close it when the block ends.

    Args:
        context: the run; its workers are dismissed.
        dumps: rows of `ops.dumps` of this run.
    """
    # From here on DuckDB works alone, and may have the memory that they hold.
    dismiss_workers()
    con = connect(temp=context.staging / "spill")
    try:
        memory = context.settings.engine_memory_bytes
        con.execute(f"set memory_limit = '{memory}B'")
        # Blocks that one statement is done with are kept for the next: to give them back to the
        # system took a twelfth of the time of a publication.
        con.execute(f"set block_allocator_memory = '{memory // 2}B'")
        attach(con, context.settings.place, read_only=False)
        migrate(con, context.settings.sql)
        # Staged relations are made in memory; the lake is named in full.
        con.execute("use memory.main")
        register(con, context.staging, dumps)
        yield con
    finally:
        con.close()

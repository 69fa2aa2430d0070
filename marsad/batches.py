"""Rows of a query while the engine finds them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pyarrow as pa


def batches_of(reader: "pa.RecordBatchReader") -> Iterator["pa.RecordBatch"]:
    """Yield what a reader of a query's result reads.

    Raises:
        duckdb.Error: the query failed in its midst. Arrow raises an OSError then, in the words of
            the engine but without its class.
    """
    try:
        yield from reader
    except OSError as error:
        is_interrupt = str(error).startswith("INTERRUPT")
        raise (duckdb.InterruptException if is_interrupt else duckdb.Error)(str(error)) from error

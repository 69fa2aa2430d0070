"""Read Parquet through DuckDB, whose memory does not grow with the row groups."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from marsad.dumps.context import Context, Pieces, piece_of
from marsad.dumps.csv_rows import no_text_column
from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import Parsed, flatten
from marsad.dumps.lines import BLOCK_BYTES, RawRecord, too_large
from marsad.dumps.records import NUMBER, OFFSET
from marsad.dumps.rejects import Origin
from marsad.dumps.streams import StreamError
from marsad.objects import is_object

_MEMORY: Final = "1GB"
_ROWS_AT_FIRST: Final = 64
_MAX_ROWS: Final = 4096
_ROW: Final = "file_row_number"  # a column that DuckDB adds
_NO_OFFSET: Final = pl.lit(None, pl.Int64)
_GLOB: Final = frozenset("*?[]{}")


@contextmanager
def _connected(path: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Connect, and give the path, or address of an object, in a form that is no pattern."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": _MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        if not is_object(path) and _GLOB & set(path):
            link = Path(folder) / "dump.parquet"
            link.symlink_to(path)
            path = str(link)
        try:
            with duckdb.connect(config=config) as con:
                # One chunk of rows waits to be fetched, and not as many as fill a buffer, which
                # DuckDB reckons without the texts: 160 MB less, and no slower.
                con.execute("set enable_progress_bar = false; set streaming_buffer_size = '1KB'")
                if is_object(path):
                    from marsad.dumps.object_fs import ADDRESS, OneObject

                    con.register_filesystem(OneObject(path))
                    path = ADDRESS
                yield con, path
        except duckdb.Error as error:
            detail = str(error).replace(path, "the file").splitlines()[0]
            raise StreamError("corrupt", f"the Parquet cannot be read: {detail}") from None


def row_groups(path: str, fields: FieldMap) -> list[tuple[int, int]]:
    """Read a file's footer.

    Returns:
        Of each row group the number of rows, and of bytes, not compressed.

    Raises:
        StreamError: it has none that can be read, or no column holds a text.
    """
    with _connected(path) as (con, source):
        _columns(con.read_parquet(source), fields)
        groups = con.execute(
            "select any_value(row_group_num_rows), sum(total_uncompressed_size)"
            f" from parquet_metadata({_literal(source)}) group by row_group_id"
            " order by row_group_id",
        ).fetchall()
    return [(int(n_rows), int(n_bytes)) for n_rows, n_bytes in groups]


def _literal(text: str) -> str:
    """Quote a text for SQL: to bind it, DuckDB would import pandas, which takes seconds."""
    return "'" + text.replace("'", "''") + "'"


def _columns(table: duckdb.DuckDBPyRelation, fields: FieldMap | None) -> dict[str, tuple[str, str]]:
    """Return the columns that mean something, or with no synonyms all: name to (target, type)."""
    types = {name: str(kind) for name, kind in zip(table.columns, table.types, strict=True)}
    types.pop(_ROW, None)
    if fields is None:
        return {name: ("", kind) for name, kind in types.items()}
    names = fields.columns(types)
    if "text" not in names and "content" not in names:
        raise no_text_column(list(types))
    return {name: (target, types[name]) for target, found in names.items() for name in found}


def read_parquet(
    path: str, origin: Origin, context: Context, first: int = 0, end: int | None = None
) -> Pieces:
    """Read rows of a Parquet file.

    Rows have no offset in bytes (`byte_offset` is null), and their raw form is a JSON object.

    Args:
        path: the file, or the address of an object.
        origin: where it comes from.
        context: bounds and synonyms.
        first: the first row to read, from 0; row 0 is record 1.
        end: the row to stop at; None: read all.

    Yields:
        Records and rejects, a few MiB of them at a time.

    Raises:
        StreamError: the file is damaged, or no column holds a text.
    """
    with _connected(path) as (con, source):
        con.execute("set timezone = 'UTC'")
        table = con.read_parquet(source, file_row_number=True)
        columns = _columns(table, None if context.wanted else context.fields)
        selected = [_selected(name, kind) for name, (_, kind) in columns.items()]
        last = 2**62 if end is None else end
        rows = table.filter(f"{_ROW} >= {first:d} and {_ROW} < {last:d}")
        rows = rows.project(", ".join([_ROW, *selected]))
        n_rows = _ROWS_AT_FIRST
        while batch := rows.fetchmany(n_rows):
            records, frame = _frame(batch, columns, context)
            n_bytes = sum(record.n_bytes for record in records)
            rejects = [record for record in records if record.rule is not None]
            piece = piece_of(Parsed(frame, rejects), records, origin, context, n_bytes)
            yield piece._replace(rejects=piece.rejects.with_columns(byte_offset=_NO_OFFSET))
            n_rows = min(max(BLOCK_BYTES * len(batch) // (n_bytes + 1), 1), _MAX_ROWS)


def _selected(name: str, kind: str) -> str:
    """Select a column; times become ISO text here, since Python's have no nanoseconds."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind.startswith(("TIMESTAMP", "DATE", "TIME")) and not kind.endswith("]"):
        return f"cast({quoted} as varchar)"
    return quoted


def _frame(
    batch: list[tuple[object, ...]], columns: dict[str, tuple[str, str]], context: Context
) -> tuple[list[RawRecord], pl.DataFrame]:
    """Turn fetched rows into columns of text, and into records with their raw form where needed."""
    values: dict[str, list[str | None]] = {name: [] for name in columns}
    records: list[RawRecord] = []
    numbers: list[int] = []
    for number, *cells in batch:
        texts = [
            _text(cell, target) for cell, (target, _) in zip(cells, columns.values(), strict=True)
        ]
        n_bytes = sum(len(text.encode("utf-8", "replace")) for text in texts if text)
        record = RawRecord(int(str(number)) + 1, 0, b"", n_bytes)
        is_long = n_bytes > context.limits.record_bytes
        if is_long or context.wanted or not _has_text(columns, texts):
            data = _raw(columns, texts)
            record = record._replace(data=data[: context.limits.raw_bytes], n_bytes=len(data))
        if is_long:
            record = too_large(record.record_no, 0, record.data, record.n_bytes)
        else:
            numbers.append(record.record_no)
            for name, text in zip(columns, texts, strict=True):
                values[name].append(text)
        records.append(record)
    frame = pl.DataFrame(
        {name: pl.Series(name, column, pl.String) for name, column in values.items()}
    ).with_columns(pl.Series(NUMBER, numbers, pl.Int64), pl.lit(None, pl.Int64).alias(OFFSET))
    return records, frame


def _text(cell: object, target: str) -> str | None:
    """Say a value as text; DuckDB's strings are sound but for NULs."""
    if isinstance(cell, str):
        return cell.replace("\0", "") if "\0" in cell else cell
    if isinstance(cell, bytes):
        return flatten(cell.decode("utf-8", "replace"), target)
    return flatten(cell, target)


def _has_text(columns: dict[str, tuple[str, str]], texts: list[str | None]) -> bool:
    """Whether a field that may be the record's text holds more than blanks."""
    return any(
        target in ("text", "content") and text and not text.isspace()
        for text, (target, _) in zip(texts, columns.values(), strict=True)
    )


def _raw(columns: dict[str, tuple[str, str]], texts: list[str | None]) -> bytes:
    """Return a row as a JSON object, of its known columns."""
    row = dict(zip(columns, texts, strict=True))
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")

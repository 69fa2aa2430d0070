"""Read Parquet through DuckDB, whose memory does not grow with the row groups."""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import polars as pl

from marsad.batches import batches_of
from marsad.dumps.context import Context, Piece, Pieces, piece_of
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
#: Rows that Arrow takes over at a time; DuckDB cuts its own vectors to so many.
_ROWS: Final = 256
#: Types of which Arrow gives the values that DuckDB gives itself.
_PLAIN: Final = re.compile(
    r"(?:VARCHAR|BOOLEAN|DOUBLE|FLOAT|U?(?:TINYINT|SMALLINT|INTEGER|BIGINT))(?:\[\])*"
)
#: What a field may mean that is the record's text.
_TEXTS: Final = ("text", "content")
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
        is_plain = all(_PLAIN.fullmatch(kind) or _is_time(kind) for _, kind in columns.values())
        found = _plain_rows if is_plain and not context.wanted else _any_rows
        for parsed, records, n_bytes in found(rows, columns, context):
            yield partial(_piece, parsed, records, origin, context, n_bytes)


def _piece(
    parsed: Parsed, records: list[RawRecord], origin: Origin, context: Context, n_bytes: int
) -> Piece:
    """Make rows into records, of which none has an offset."""
    piece = piece_of(parsed, records, origin, context, n_bytes)
    return piece._replace(rejects=piece.rejects.with_columns(byte_offset=_NO_OFFSET))


#: Rows as columns of text; those records among them that may have to be shown as they are; and
#: how many bytes they all took.
_Found: TypeAlias = tuple[Parsed, list[RawRecord], int]


def _plain_rows(
    rows: duckdb.DuckDBPyRelation, columns: dict[str, tuple[str, str]], context: Context
) -> Iterator[_Found]:
    """Read rows of plain types: no value of theirs need become an object of Python."""
    # Of a row, what may be its text, and what may not.
    names = [name for name, (target, _) in columns.items() if target in _TEXTS]
    for block in _blocks(rows):
        numbers = (block[_ROW] + 1).cast(pl.Int64)
        texts = pl.DataFrame(
            [_as_text(block[name], target) for name, (target, _) in columns.items()]
        )
        sizes = texts.select(
            pl.sum_horizontal(pl.all().str.len_bytes().cast(pl.Int64).fill_null(0))
        ).to_series()
        is_long = sizes > context.limits.record_bytes
        is_blank = texts.select(
            ~pl.any_horizontal(pl.col(names).str.contains(r"\S").fill_null(False))
        ).to_series()
        shown = [
            _shown(numbers[at], columns, texts.row(at), context, is_long=is_long[at])
            for at in (is_long | is_blank).arg_true()
        ]
        frame = texts.with_columns(numbers.alias(NUMBER), _NO_OFFSET.alias(OFFSET))
        too_long = [record for record in shown if record.rule is not None]
        yield Parsed(frame.filter(~is_long), too_long), shown, int(sizes.sum())


def _blocks(rows: duckdb.DuckDBPyRelation) -> Iterator[pl.DataFrame]:
    """Yield rows, a few MiB of them at a time."""
    waiting: list[pl.DataFrame] = []
    n_bytes = 0.0
    for batch in batches_of(rows.to_arrow_reader(_ROWS)):
        waiting.append(pl.DataFrame(batch))
        n_bytes += waiting[-1].estimated_size()
        if n_bytes >= BLOCK_BYTES:
            yield pl.concat(waiting)
            waiting, n_bytes = [], 0
    if waiting:
        yield pl.concat(waiting)


def _as_text(column: pl.Series, target: str) -> pl.Series:
    """Say a column of a plain type as text; DuckDB's strings are sound but for NULs."""
    if column.dtype != pl.String:
        values = [flatten(value, target) for value in column.to_list()]
        return pl.Series(column.name, values, pl.String)
    has_nul = column.str.contains("\0", literal=True).any()
    return column.str.replace_all("\0", "", literal=True) if has_nul else column


def _any_rows(
    rows: duckdb.DuckDBPyRelation, columns: dict[str, tuple[str, str]], context: Context
) -> Iterator[_Found]:
    """Read rows of any types, or those whose bytes are wanted, one by one."""
    n_rows = _ROWS_AT_FIRST
    while batch := rows.fetchmany(n_rows):
        records, frame = _frame(batch, columns, context)
        n_bytes = sum(record.n_bytes for record in records)
        rejects = [record for record in records if record.rule is not None]
        yield Parsed(frame, rejects), records, n_bytes
        n_rows = min(max(BLOCK_BYTES * len(batch) // (n_bytes + 1), 1), _MAX_ROWS)


def _selected(name: str, kind: str) -> str:
    """Select a column; times become ISO text here, since Python's have no nanoseconds."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"cast({quoted} as varchar) as {quoted}" if _is_time(kind) else quoted


def _is_time(kind: str) -> bool:
    return kind.startswith(("TIMESTAMP", "DATE", "TIME")) and not kind.endswith("]")


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
            record = _shown(record.record_no, columns, texts, context, is_long=is_long)
        if not is_long:
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


def _shown(
    number: int,
    columns: dict[str, tuple[str, str]],
    texts: Sequence[str | None],
    context: Context,
    *,
    is_long: bool,
) -> RawRecord:
    """Return a row as a record with its raw form; one that is too long as a reject."""
    data = _raw(columns, texts)
    head = data[: context.limits.raw_bytes]
    if is_long:
        return too_large(number, 0, head, len(data))
    return RawRecord(number, 0, head, len(data))


def _has_text(columns: dict[str, tuple[str, str]], texts: list[str | None]) -> bool:
    """Whether a field that may be the record's text holds more than blanks."""
    return any(
        target in _TEXTS and text and not text.isspace()
        for text, (target, _) in zip(texts, columns.values(), strict=True)
    )


def _raw(columns: dict[str, tuple[str, str]], texts: Sequence[str | None]) -> bytes:
    """Return a row as a JSON object, of its known columns."""
    row = dict(zip(columns, texts, strict=True))
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")

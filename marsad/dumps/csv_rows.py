"""Read CSV and TSV: quoted line breaks, any encoding, the exact place of every row."""

import csv
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

import polars as pl

from marsad.dumps.context import Context, Piece, Pieces, piece_of
from marsad.dumps.json_rows import Parsed, clean, place
from marsad.dumps.lines import BLOCK_BYTES, RawRecord, too_large
from marsad.dumps.rejects import Origin
from marsad.dumps.streams import StreamError
from marsad.dumps.texts import AsText

_DELIMITERS: Final = (",", ";", "\t", "|")
#: Before this line no header can have ended.
_HEADER_BYTES: Final = 2**20


# The limit is the whole process's: one of ours would hold for everybody who reads CSV in it. So it
# is out of the way, and `_Lines` bounds a row.
csv.field_size_limit(2**31 - 1)


class _TooLongError(Exception):
    """A row is longer than may be parsed."""


class _Lines(Iterator[str]):
    """Feeds lines to `csv.reader`, and keeps the bytes of those it took."""

    def __init__(self, text: AsText, record_bytes: int, raw_bytes: int) -> None:
        self._stream = text.stream
        self._record_bytes = record_bytes
        self._raw_bytes = raw_bytes
        self.offset = text.start  # of the next line
        self.taken: list[bytes] = []  # lines of the row that is being read
        self._start = text.start  # of that row

    def start_row(self) -> None:
        """Forget the lines of the row before."""
        self.taken.clear()
        self._start = self.offset

    def __next__(self) -> str:
        line = self._stream.readline(self._record_bytes + 1)
        if not line:
            raise StopIteration
        self.offset += len(line)
        if self.offset - self._start > self._record_bytes:
            self.taken.append(line[: self._raw_bytes])
            while not line.endswith(b"\n") and (line := self._stream.readline(BLOCK_BYTES)):
                self.offset += len(line)
            raise _TooLongError("longer than a record may be")
        self.taken.append(line)
        return line.decode("utf-8", "surrogateescape")


def read_csv(stream: BinaryIO, name: str, origin: Origin, context: Context) -> Pieces:
    """Read a table with a header; row 1 is the one after it.

    Of two columns with one name the first counts. A row with more cells than the header is a
    reject (`ragged_row`); with fewer, the last ones are empty.

    Args:
        stream: at its start.
        name: of the file; `.tsv` and `.tab` have tabs, in others the header tells.
        origin: where it comes from.
        context: bounds and synonyms.

    Yields:
        Records and rejects, a few MiB of them at a time.

    Raises:
        StreamError: a codec's data is damaged, or no column holds a text.
    """
    limits = context.limits
    text = AsText(stream)
    lines = _Lines(text, limits.record_bytes, limits.raw_bytes)
    first = next(lines, "")
    delimiter = "\t" if name.lower().endswith((".tsv", ".tab")) else _delimiter(first)
    header = _header(first, lines, delimiter)
    names = context.fields.columns(header)
    if context.wanted is None and "text" not in names and "content" not in names:
        raise no_text_column(header)
    rows = _Rows(lines, csv.reader(lines, delimiter=delimiter), header, text)
    while batch := rows.take():
        yield partial(rows.piece, batch, origin, context)


def no_text_column(names: list[str]) -> StreamError:
    """Say that no column of a table holds a text."""
    shown = ", ".join(name[:40] for name in names[:20])
    return StreamError("no_text_column", f"no column is a known name of a text; it has: {shown}")


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _header(first: str, lines: _Lines, delimiter: str) -> list[str]:
    """Parse the header, which may go on over several lines."""

    def all_lines() -> Iterator[str]:
        yield first
        for line in lines:
            if lines.offset > _HEADER_BYTES:
                return
            yield line

    try:
        header = next(csv.reader(all_lines(), delimiter=delimiter), [])
    except (csv.Error, _TooLongError) as error:
        raise StreamError("corrupt", f"the header cannot be read: {error}") from None
    return [clean(cell.encode("utf-8", "replace").decode()) for cell in header]


class _Rows:
    """Takes rows from a reader, a few MiB at a time."""

    def __init__(
        self, lines: _Lines, reader: Iterator[list[str]], header: list[str], text: AsText
    ) -> None:
        self._lines = lines
        self._reader = reader
        self._header = header
        self._text = text
        self._number = 0

    def take(self) -> list[tuple[RawRecord, list[str]]]:
        """Return the next rows, each as bytes and as cells; none at the end."""
        rows: list[tuple[RawRecord, list[str]]] = []
        n_bytes = 0
        while n_bytes < BLOCK_BYTES:
            start = self._lines.offset
            self._lines.start_row()
            cells: list[str] = []
            problem: tuple[str, str] | None = None
            is_too_long = False
            try:
                cells = next(self._reader)
            except StopIteration:
                break
            except _TooLongError:
                is_too_long = True
            except csv.Error as error:
                problem = ("invalid_csv", str(error))
            if not cells and not problem and not is_too_long:
                continue  # a blank line
            self._number += 1
            data = b"".join(self._lines.taken)
            record = RawRecord(self._number, start, data, len(data))
            if is_too_long:
                record = too_large(self._number, start, data, self._lines.offset - start)
            else:
                problem = problem or self._problem(data, cells)
                record = record.rejected(*problem) if problem else record
            n_bytes += len(data)
            rows.append((record, cells))
        return rows

    def _problem(self, data: bytes, cells: list[str]) -> tuple[str, str] | None:
        if len(cells) > len(self._header):
            detail = f"{len(cells)} cells under a header of {len(self._header)}"
            return "ragged_row", detail
        if not data.endswith(b"\n") and data.count(b'"') % 2:
            return "invalid_csv", "a quotation mark is never closed"
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            return "not_text", f"not UTF-8 at byte {error.start} of the row"
        return None

    def piece(
        self, rows: list[tuple[RawRecord, list[str]]], origin: Origin, context: Context
    ) -> Piece:
        """Make rows into records."""
        records = [record for record, _ in rows]
        if self._text.is_transcoded:
            records = [record._replace(byte_offset=self._text.origin(record)) for record in records]
        sound = [record for record in records if record.rule is None]
        cells = [cells for record, cells in rows if record.rule is None]
        known = {name for names in context.fields.columns(self._header).values() for name in names}
        columns = {}
        for position, name in enumerate(self._header):
            if name in known and name not in columns:
                values = [row[position] if position < len(row) else None for row in cells]
                columns[name] = pl.Series(name, values, pl.String)
        frame = pl.DataFrame(columns).with_columns(
            pl.col(pl.String).str.replace_all("\0", "", literal=True)
        )
        rejects = [record for record in records if record.rule is not None]
        parsed = Parsed(place(sound, frame), rejects)
        n_bytes = sum(len(record.data) for record in records)
        return piece_of(parsed, records, origin, context, n_bytes)

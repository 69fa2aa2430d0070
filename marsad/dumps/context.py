"""What every reader is given, and what it gives back."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

import polars as pl

from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import Parsed
from marsad.dumps.lines import RawRecord
from marsad.dumps.records import map_records
from marsad.dumps.rejects import Origin, reject_rows
from marsad.schema import RECORDS
from marsad.settings import Limits


@dataclass(slots=True)
class Wanted:
    """Records of one member whose bytes are to be kept as they go by.

    Attributes:
        member: the archive member, None outside archives.
        numbers: the records.
        found: their bytes, by number.
        form: how they read from their bytes, as in `schema.REJECTS.raw_form`.
    """

    member: str | None
    numbers: frozenset[int]
    found: dict[int, bytes] = field(default_factory=dict)
    form: str | None = None

    def look(self, origin: Origin, raw: list[RawRecord], form: str | None) -> None:
        """Keep what is wanted of these records."""
        if origin.member == self.member:
            self.form = form
            self.found.update(
                (record.record_no, record.data)
                for record in raw
                if record.record_no in self.numbers
            )


@dataclass(frozen=True, slots=True)
class Context:
    """Parameters of reading.

    Attributes:
        limits: bounds on input.
        fields: synonyms of field names.
        wanted: records to keep the bytes of.
    """

    limits: Limits
    fields: FieldMap
    wanted: Wanted | None = None


class Piece(NamedTuple):
    """What a few records of one dump became.

    Attributes:
        records: rows of `schema.RECORDS`.
        rejects: rows of `schema.REJECTS`.
        n_bytes: how many bytes they took.
    """

    records: pl.DataFrame
    rejects: pl.DataFrame
    n_bytes: int


Pieces = Iterator[Piece]


def piece_of(
    parsed: Parsed,
    raw: list[RawRecord],
    origin: Origin,
    context: Context,
    n_bytes: int,
    form: str | None = None,
) -> Piece:
    """Map parsed records; those without a text join the rejects, with their bytes from `raw`.

    `form` says how a record reads from its bytes, as in `schema.REJECTS.raw_form`.
    """
    if context.wanted:
        context.wanted.look(origin, raw, form)
    mapped = map_records(parsed.frame, origin, context.fields)
    rejects = parsed.rejects
    if mapped.without_text:
        missing = set(mapped.without_text)
        detail = "no field with a text: see data/reference/fields.csv for the names it may have"
        rejects = rejects + [
            record.rejected("no_text", detail)
            for record in raw
            if record.record_no in missing and record.rule is None
        ]
        rejects.sort(key=lambda record: record.record_no)
    rows = reject_rows(origin, rejects, context.limits.raw_bytes, form)
    return Piece(mapped.records, rows, n_bytes)


def reject_piece(
    origin: Origin, record: RawRecord, context: Context, form: str | None = None
) -> Piece:
    """Return one reject and no record; `form` as in `piece_of`."""
    none = pl.DataFrame(schema=RECORDS)
    rows = reject_rows(origin, [record], context.limits.raw_bytes, form)
    return Piece(none, rows, len(record.data))


class Rejoined(io.RawIOBase):
    """Bytes that were read ahead, then the rest of the stream."""

    def __init__(self, head: bytes, inner: BinaryIO) -> None:
        """Take what was read, and the stream as it stands after it."""
        self._head = head
        self._inner = inner

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes; 0 at the end."""
        data = self._head[: len(buffer)] or self._inner.read(len(buffer))
        self._head = self._head[len(data) :]
        memoryview(buffer)[: len(data)] = data
        return len(data)

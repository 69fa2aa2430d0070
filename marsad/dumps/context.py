"""What every reader is given, and what it gives back."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple, TypeAlias

import polars as pl

from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import Parsed, parse_objects
from marsad.dumps.lines import RawRecord
from marsad.dumps.records import Mapped, map_records
from marsad.dumps.rejects import Origin, reject_rows
from marsad.schema import RECORDS, REJECTS
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


class Page(NamedTuple):
    """One page as it stands in a file of its own.

    Attributes:
        origin: where it comes from.
        text: all of it.
        n_bytes: how many bytes it took.
    """

    origin: Origin
    text: str
    n_bytes: int


class Few(NamedTuple):
    """JSON objects too few for a parse of their own: those of many files are parsed together.

    Attributes:
        origin: where they come from.
        raw: their bytes.
        n_bytes: how many they are.
    """

    origin: Origin
    raw: list[RawRecord]
    n_bytes: int


#: A piece that is cut from its dump, and parsed when it is called: at once, before the next is cut,
#: or never. Who reads a share of a dump parses no others than its own.
Cut: TypeAlias = Callable[[], Piece | Page | Few]
Pieces: TypeAlias = Iterator[Cut]
#: How an object reads from its bytes, as in `schema.REJECTS.raw_form`.
OBJECT: Final = "object"


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
    rejects = _rejects(parsed, mapped, raw)
    rows = reject_rows(origin, rejects, context.limits.raw_bytes, form)
    return Piece(mapped.records, rows, n_bytes)


def _rejects(parsed: Parsed, mapped: Mapped, raw: list[RawRecord]) -> list[RawRecord]:
    """Return what could not be parsed, and with it what has no text, in order."""
    if not mapped.without_text:
        return parsed.rejects
    missing = set(mapped.without_text)
    detail = "no field with a text: see data/reference/fields.csv for the names it may have"
    rejects = parsed.rejects + [
        record.rejected("no_text", detail)
        for record in raw
        if record.record_no in missing and record.rule is None
    ]
    return sorted(rejects, key=lambda record: record.record_no)


def piece_of_few(few: Sequence[Few], context: Context) -> Piece:
    """Parse the few records of many files at a stroke: a parse costs a millisecond in itself.

    What a record means depends on its own fields alone, so the others beside it change nothing.
    """
    origins = [each.origin for each in few for _ in each.raw]
    raw = [record for each in few for record in each.raw]
    # Numbered anew for the time being: each file begins at 1.
    numbered = [record._replace(record_no=at) for at, record in enumerate(raw)]
    parsed = parse_objects(numbered, context.fields)
    mapped = map_records(parsed.frame, few[0].origin, context.fields)
    at = mapped.records["record_no"].to_list()
    records = mapped.records.with_columns(
        pl.Series("dump_id", [origins[i].dump_id for i in at], pl.String),
        pl.Series("member", [origins[i].member for i in at], pl.String),
        pl.Series("record_no", [raw[i].record_no for i in at], pl.Int64),
        pl.Series(
            "observed_default",
            [origins[i].observed_default for i in at],
            RECORDS["observed_default"],
        ),
    )
    rejects = [
        reject_rows(
            origins[record.record_no],
            [record._replace(record_no=raw[record.record_no].record_no)],
            context.limits.raw_bytes,
            OBJECT,
        )
        for record in _rejects(parsed, mapped, numbered)
    ]
    n_bytes = sum(each.n_bytes for each in few)
    return Piece(records, pl.concat([REJECTS.to_frame(), *rejects]), n_bytes)


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
        if not self._head:
            return self._inner.readinto(buffer)  # type: ignore[attr-defined,no-any-return]
        data = self._head[: len(buffer)]
        self._head = self._head[len(data) :]
        memoryview(buffer)[: len(data)] = data
        return len(data)

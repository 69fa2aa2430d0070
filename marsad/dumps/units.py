"""The rows of a plan, and how each is opened."""

from datetime import datetime
from typing import Final, NamedTuple

import polars as pl

from marsad.dumps.context import Context, Pieces
from marsad.dumps.files import open_file, status_of
from marsad.dumps.opening import Reader
from marsad.dumps.rejects import Origin
from marsad.dumps.streams import StreamError
from marsad.dumps.texts import read_lines

#: Pages up to this size are read many at a time.
_SMALL_BYTES: Final = 2**20


class Unit(NamedTuple):
    """A row of the plan, as `plan.PLAN` has it."""

    chunk_no: int
    dump_id: str
    uri: str
    format: str
    codecs: str
    n_bytes: int
    start: int | None
    end: int | None
    first_record_no: int | None
    observed_default: datetime
    is_dated: bool
    share: int
    n_shares: int

    @property
    def origin(self) -> Origin:
        """The dump as an origin of records."""
        return Origin(self.dump_id, self.uri, None, self.observed_default)

    @property
    def is_small_page(self) -> bool:
        """Whether it is a page that is quickly read whole."""
        return self.format == "txt" and not self.codecs and self.n_bytes <= _SMALL_BYTES


def units_of(plan: pl.LazyFrame) -> list[Unit]:
    """Return rows of a plan in order of file and place."""
    return [Unit(*row) for row in plan.sort("uri", "start", "share").collect().iter_rows()]


def unit_pieces(unit: Unit, reader: Reader, context: Context) -> Pieces:
    """Read a unit.

    Args:
        unit: a dump, or part of one.
        reader: of that dump.
        context: bounds and synonyms.

    Yields:
        Records and rejects.

    Raises:
        StreamError: the dump fails.
        OSError: the file cannot be read.
    """
    with open_file(unit.uri) as file:
        if status_of(file).n_bytes != unit.n_bytes:
            raise StreamError("changed", "the file has changed since it was hashed")
        if unit.start is None or unit.format != "jsonl":
            yield from reader.read(file, unit.start or 0, unit.end)
            return
        file.seek(unit.start)
        yield from read_lines(
            file,
            unit.origin,
            context,
            start=unit.start,
            end=unit.end,
            first_no=unit.first_record_no or 1,
        )

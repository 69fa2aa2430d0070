"""Read one chunk of a plan as batches of records, rejects and counts."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from marsad.dumps.context import Context, Few, Page, Piece, piece_of_few
from marsad.dumps.fields import FieldMap
from marsad.dumps.files import read_file
from marsad.dumps.lines import RawRecord
from marsad.dumps.opening import Reader
from marsad.dumps.raw import fetch_raw
from marsad.dumps.rejects import Origin, reject_rows
from marsad.dumps.streams import StreamError
from marsad.dumps.texts import page_of, page_rows
from marsad.dumps.units import Unit, unit_pieces, units_of
from marsad.errors import DumpError
from marsad.schema import DUMP_COUNTS, REJECTS
from marsad.settings import Limits

__all__ = ["Batch", "fetch_raw", "read_chunk"]


class Batch(NamedTuple):
    """Some of a chunk's records.

    Attributes:
        records: rows of `schema.RECORDS`.
        rejects: rows of `schema.REJECTS`.
        counts: rows of `schema.DUMP_COUNTS`; a dump may have several over the batches, to be
            summed. One with an `error` fails the whole dump, what came of it before included.
    """

    records: pl.DataFrame
    rejects: pl.DataFrame
    counts: pl.DataFrame


def read_chunk(
    plan_path: Path, chunk_no: int, *, limits: Limits, fields: FieldMap
) -> Iterator[Batch]:
    """Read the units of one chunk.

    Args:
        plan_path: as `plan.discover` wrote it.
        chunk_no: from 0.
        limits: bounds on input; a batch holds about `chunk_bytes` bytes of records.
        fields: the synonyms of field names.

    Yields:
        Batches. Every record that was read is in `records` or in `rejects`; `counts` has both
        (`n_records`) and the rejects apart. The same plan gives the same batches.
    """
    context = Context(limits, fields)
    plan = pl.scan_parquet(plan_path).filter(pl.col("chunk_no") == chunk_no)
    units = units_of(plan)
    gathered = _Gathered(context)
    for unit in units:
        if unit.is_small_page:
            gathered.add_page(unit)
        else:
            yield from gathered.add_dump(unit)
        if gathered.is_full:
            yield gathered.take()
    if not gathered.is_empty:
        yield gathered.take()


#: What a file may raise whose content is damaged in a way that no reader foresaw.
_FAILURES: Final = (
    StreamError,
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    RecursionError,
    pl.exceptions.PolarsError,
)


class _Gathered:
    """Pieces of several dumps on their way into a batch."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._chunk_bytes = context.limits.chunk_bytes
        self._clear()

    def _clear(self) -> None:
        self._n_bytes = 0
        self._records: list[pl.DataFrame] = []
        self._rejects: list[pl.DataFrame] = []
        self._few: list[Few] = []
        self._pages: list[tuple[Origin, str]] = []
        self._n_records: Counter[str] = Counter()
        self._n_rejects: Counter[str] = Counter()
        self._errors: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        """Whether there is enough for a batch."""
        return self._n_bytes >= self._chunk_bytes

    @property
    def is_empty(self) -> bool:
        """Whether nothing was gathered."""
        return not self._n_records and not self._errors

    def take(self) -> Batch:
        """Return what was gathered, and start anew."""
        self._parse_few()
        records = [*self._records, page_rows(self._pages)]
        dump_ids = sorted({*self._n_records, *self._errors})
        rows = [
            (dump, self._n_records[dump], self._n_rejects[dump], self._errors.get(dump))
            for dump in dump_ids
        ]
        batch = Batch(
            pl.concat(records),
            pl.concat([pl.DataFrame(schema=REJECTS), *self._rejects]),
            pl.DataFrame(rows, schema=DUMP_COUNTS, orient="row"),
        )
        self._clear()
        return batch

    def add_page(self, unit: Unit) -> None:
        """Read a small page."""
        try:
            data = read_file(unit.uri)
        except OSError as error:
            self._fail(unit, error, None)
            return
        self._n_records[unit.dump_id] += 1
        self._n_bytes += len(data)
        text, problem = page_of(data)
        if problem:
            self._reject(unit, problem)
        else:
            self._pages.append((unit.origin, text))

    def _reject(self, unit: Unit, problem: RawRecord) -> None:
        self._n_rejects[unit.dump_id] += 1
        raw_bytes = self._context.limits.raw_bytes
        self._rejects.append(reject_rows(unit.origin, [problem], raw_bytes, "page"))

    def add_dump(self, unit: Unit) -> Iterator[Batch]:
        """Read any other unit; yield batches as they fill."""
        self._n_records[unit.dump_id] += 0
        reader = Reader(unit.origin, self._context, unit.n_bytes, dated=unit.is_dated)
        try:
            pieces = unit_pieces(unit, reader, self._context)
            for parse in islice(pieces, unit.share, None, unit.n_shares):
                self._add(unit.dump_id, parse())
                if self.is_full:
                    yield self.take()
        except _FAILURES as error:
            self._fail(unit, error, reader.member)

    def _add(self, dump_id: str, piece: Piece | Page | Few) -> None:
        if isinstance(piece, Page):
            self._n_records[dump_id] += 1
            self._n_bytes += piece.n_bytes
            self._pages.append((piece.origin, piece.text))
            return
        if isinstance(piece, Few):
            self._n_records[dump_id] += len(piece.raw)
            self._n_bytes += piece.n_bytes
            self._few.append(piece)
            return
        self._parse_few()  # so that records stay in order
        self._n_records[dump_id] += piece.records.height + piece.rejects.height
        self._n_rejects[dump_id] += piece.rejects.height
        self._n_bytes += piece.n_bytes
        if piece.records.height:
            self._records.append(piece.records)
        if piece.rejects.height:
            self._rejects.append(piece.rejects)

    def _parse_few(self) -> None:
        """Parse what was left for later; should that fail, each file's for itself."""
        if not self._few:
            return
        waiting, self._few = self._few, []
        try:
            parsed = [piece_of_few(waiting, self._context)]
        except _FAILURES:
            parsed = []
            for few in waiting:
                try:
                    parsed.append(piece_of_few([few], self._context))
                except _FAILURES as error:
                    self._fail(few.origin, error, few.origin.member)
        for piece in parsed:
            self._records.append(piece.records)
            if piece.rejects.height:
                self._rejects.append(piece.rejects)
                self._n_rejects.update(piece.rejects["dump_id"].to_list())

    def _fail(self, unit: Unit | Origin, error: BaseException, member: str | None) -> None:
        if isinstance(error, StreamError):
            rule, detail = error.rule, error.detail
        elif isinstance(error, OSError):
            rule, detail = "unreadable", error.strerror or str(error)
        else:
            rule, detail = "corrupt", f"{type(error).__name__}: {error}"
        detail = " ".join(detail.split())[:500]
        self._errors[unit.dump_id] = str(DumpError(unit.uri, rule, detail, member=member))

"""Read the formats that are text: pages, JSON Lines, JSON."""

import io
from functools import partial
from typing import BinaryIO, Final

import polars as pl

from marsad.dumps.context import (
    OBJECT,
    Context,
    Few,
    Page,
    Piece,
    Pieces,
    Rejoined,
    piece_of,
    reject_piece,
)
from marsad.dumps.elements import ElementCutter
from marsad.dumps.encodings import SAMPLE_BYTES, AsUtf8, decode_page, detect
from marsad.dumps.json_rows import Parsed, parse_all, parse_objects, place
from marsad.dumps.lines import BLOCK_BYTES, LineCutter, RawRecord, line_blocks
from marsad.dumps.rejects import Origin
from marsad.schema import RECORDS


def read_lines(
    stream: BinaryIO,
    origin: Origin,
    context: Context,
    *,
    start: int = 0,
    end: int | None = None,
    first_no: int = 1,
) -> Pieces:
    """Read JSON Lines.

    Args:
        stream: stands at `start`.
        origin: where it comes from.
        context: bounds and synonyms.
        start: offset of the start of a line; only UTF-8 can be read from elsewhere than 0.
        end: offset to stop at, the start of a line; None: the end.
        first_no: number of the line at `start`, from 1.

    Yields:
        Records and rejects, a few MiB of them at a time.

    Raises:
        StreamError: a codec's data is damaged.
    """
    limits = context.limits
    text = AsText(stream) if start == 0 else None
    cutter = LineCutter(
        text.start if text else start, first_no, limits.record_bytes, limits.raw_bytes
    )
    n_bytes = None if end is None else end - (text.start if text else start)
    for records in line_blocks(text.stream if text else stream, cutter, n_bytes):
        if records:
            yield partial(_objects, records, text, origin, context)


def read_json(stream: BinaryIO, origin: Origin, context: Context) -> Pieces:
    """Read a JSON array of objects, one object, or several one after the other.

    Yields:
        Records and rejects, a few MiB of them at a time.

    Raises:
        StreamError: a codec's data is damaged.
    """
    limits = context.limits
    text = AsText(stream)
    cutter = ElementCutter(text.start, limits.record_bytes, limits.raw_bytes)
    is_last = False
    n_bytes = 0
    while not is_last:
        block = text.stream.read(BLOCK_BYTES)
        is_last = not block
        n_bytes += len(block)
        cutter.add(block, is_last=is_last)
        guess = cutter.guess() if n_bytes > _SMALL_BYTES else []
        frame = parse_all(guess, context.fields) if guess else None
        if frame is not None:
            cutter.accept(guess)
            if text.is_transcoded:
                guess = [record._replace(byte_offset=text.origin(record)) for record in guess]
                frame = place(guess, frame)
            parsed = Parsed(frame, [])
            yield partial(piece_of, parsed, guess, origin, context, _size(guess), OBJECT)
        if (frame is None or is_last) and (records := cutter.cut()):
            yield partial(_objects, records, text, origin, context)
    if records := cutter.finish():
        yield partial(_objects, records, text, origin, context)


#: A file up to this size has no need of guesses, and few records are not worth their own parse.
_SMALL_BYTES: Final = 64 * 2**10
_FEW: Final = 16


def _size(records: list[RawRecord]) -> int:
    return sum(len(record.data) for record in records)


def _objects(
    records: list[RawRecord], text: "AsText | None", origin: Origin, context: Context
) -> Piece | Few:
    """Parse records, and say where they stood in the original; or leave the parse for later."""
    if text is not None and text.is_transcoded:
        records = [record._replace(byte_offset=text.origin(record)) for record in records]
    n_bytes = _size(records)
    if len(records) <= _FEW and not context.wanted:
        return Few(origin, records, n_bytes)
    return piece_of(
        parse_objects(records, context.fields), records, origin, context, n_bytes, OBJECT
    )


class AsText:
    """A stream of text in any encoding, as UTF-8 without a byte order mark.

    Attributes:
        stream: the text.
        start: the offset of its first byte in the original.
        is_transcoded: whether offsets in `stream` are others than in the original.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Look at the start of a stream to find its encoding; where there is none, UTF-8."""
        head = stream.read(SAMPLE_BYTES)
        encoding = detect(head, is_whole=len(head) < SAMPLE_BYTES) or "utf-8"
        self.start = 3 if encoding == "utf-8-sig" else 0
        self.is_transcoded = not encoding.startswith("utf-8")
        self._utf8: AsUtf8 | None = None
        rejoined = io.BufferedReader(Rejoined(head[self.start :], stream), SAMPLE_BYTES)
        self.stream: BinaryIO = rejoined
        if self.is_transcoded:
            self._utf8 = AsUtf8(rejoined, encoding)
            self.stream = io.BufferedReader(self._utf8, SAMPLE_BYTES)

    def origin(self, record: RawRecord) -> int:
        """Return where a record stood in the original; ask in rising order."""
        return self._utf8.origin(record.byte_offset) if self._utf8 else record.byte_offset


def page_of(data: bytes) -> tuple[str, RawRecord | None]:
    """Decode one page.

    Args:
        data: all its bytes.

    Returns:
        The text, with line ends as they are and without NULs, and None; or nothing and the
        reject: `empty_page` (nothing but blanks) or `not_text`.
    """
    page = RawRecord(1, 0, data, len(data))
    if not data or data.isspace():
        return "", page.rejected("empty_page", f"{len(data)} bytes and no text")
    text = decode_page(data)
    if text is None or text.count("\0") * 10 > len(text):
        return "", page.rejected("not_text", "in no encoding that text is known in")
    text = text.replace("\0", "") if "\0" in text else text
    if not text or text.isspace():
        return "", page.rejected("not_text", "nothing but blanks and NULs")
    return text, None


def read_page(stream: BinaryIO, origin: Origin, context: Context) -> Pieces:
    """Read a file that is one page.

    Yields:
        One record or one reject.

    Raises:
        StreamError: a codec's data is damaged.
    """
    limits = context.limits
    data = stream.read(limits.record_bytes + 1)
    if len(data) > limits.record_bytes:
        n_bytes = len(data)
        while more := stream.read(BLOCK_BYTES):
            n_bytes += len(more)
        head = data[: limits.raw_bytes]
        detail = f"the page has {n_bytes} bytes"
        reject = RawRecord(1, 0, head, n_bytes, "record_too_large", detail)
        yield partial(reject_piece, origin, reject, context, "page")
        return
    text, problem = page_of(data)
    if problem:
        yield partial(reject_piece, origin, problem, context, "page")
        return
    if context.wanted:
        context.wanted.look(origin, [RawRecord(1, 0, text.encode(), len(data))], "page")
    yield partial(Page, origin, text, len(data))


def page_rows(pages: list[tuple[Origin, str]]) -> pl.DataFrame:
    """Return pages as rows of `schema.RECORDS`."""
    columns = {
        "dump_id": [origin.dump_id for origin, _ in pages],
        "member": [origin.member for origin, _ in pages],
        "record_no": [1] * len(pages),
        "byte_offset": [0] * len(pages),
        "kind": ["page"] * len(pages),
        "text": [text for _, text in pages],
        "observed_default": [origin.observed_default for origin, _ in pages],
    }
    nothing = [None] * len(pages)
    return pl.DataFrame({name: columns.get(name, nothing) for name in RECORDS}, schema=RECORDS)

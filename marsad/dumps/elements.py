"""Cut JSON into its elements on bytes, so that an array of any size streams.

An element is one value of a top-level array, or one of several values that follow each other.
"""

import re
from typing import Final

import orjson

from marsad.dumps.lines import RawRecord, too_large
from marsad.dumps.tokens import NEEDS_MORE, Finder, SeamFinder, ValueSkipper, element_end

_SEAM: Final = re.compile(rb"\}\s*,\s*(?=\{)")
_CLOSE: Final = re.compile(rb"\}\s*\]\s*\Z")
_BETWEEN: Final = re.compile(rb"[ \t\r\n,]*")


class ElementCutter:
    """Puts elements together from blocks, and never holds more of one than may be parsed.

    After each `add`, `guess` cuts at every place that looks like the end of one object and the
    start of the next. If all pieces prove to be JSON objects the guess was right and is committed
    by `accept`; else `cut` finds the same ends, and those of anything else, by reading tokens.
    """

    def __init__(self, offset: int, record_bytes: int, raw_bytes: int) -> None:
        """Take the offset of the first byte, and the bounds of `settings.Limits`."""
        self._record_bytes = record_bytes
        self._raw_bytes = raw_bytes
        self._data = b""  # read and not yet cut, from the start of an element on
        self._offset = offset  # of `_data`
        self._number = 1
        self._in_array = False
        self._is_last = False  # whether nothing follows `_data`
        self._skipping: tuple[RawRecord, Finder] | None = None
        self._ready: list[RawRecord] = []  # cut, not yet returned
        self._is_empty = True  # whether nothing but blanks was seen

    def add(self, block: bytes, *, is_last: bool) -> None:
        """Take the next block; the last one may be empty."""
        self._is_last = is_last
        self._data += block
        if self._skipping:
            self._go_on_skipping(*self._skipping)

    def guess(self) -> list[RawRecord]:
        """Cut a block of objects at its seams; an empty list where there is nothing to guess."""
        if not self._in_array or self._skipping or self._ready:
            return []
        start = self._between(0)
        if self._data[start : start + 1] != b"{":
            return []
        records: list[RawRecord] = []
        for seam in _SEAM.finditer(self._data, start):
            records.append(self._record(start, seam.start() + 1, len(records)))
            start = seam.end()
        if self._is_last and (close := _CLOSE.search(self._data, start)):
            records.append(self._record(start, close.start() + 1, len(records)))
        return [] if any(record.rule for record in records) else records

    def accept(self, guess: list[RawRecord]) -> None:
        """Commit a guess all of whose pieces are JSON objects."""
        last = guess[-1]
        self._number += len(guess)
        self._advance(last.byte_offset + last.n_bytes - self._offset)

    def cut(self) -> list[RawRecord]:
        """Return the elements that end in what was added so far."""
        if self._is_last:
            self._data += b"\n"  # so that a number at the very end is known to have ended
        position = 0
        while not self._skipping and (position := self._between(position)) < len(self._data):
            self._is_empty = False
            first = self._data[position : position + 1]
            if first == (b"]" if self._in_array else b"["):
                self._in_array = not self._in_array
                position += 1
                continue
            end, problem = self._end(position)
            if end is not None:
                record = self._record(position, end)
                self._ready.append(record.rejected(*problem) if problem else record)
                self._number += 1
                position = end
            elif problem:
                self._skip(position, problem)
                position = 0
            else:
                break
        self._advance(min(position, len(self._data)))
        records, self._ready = self._ready, []
        return records

    def finish(self) -> list[RawRecord]:
        """Say what is missing at the end, as one broken record."""
        if self._skipping:
            record = self._skipping[0]
            return [record.rejected("invalid_json", "the JSON ends in this element")]
        if self._in_array:
            detail = "the array is not closed: the file may have been cut short"
        elif self._is_empty:
            detail = "the file holds no JSON"
        else:
            return []
        return [RawRecord(self._number, self._offset, b"", 0, "invalid_json", detail)]

    def _end(self, start: int) -> tuple[int | None, tuple[str, str] | None]:
        """Find the end of the element at `start`, and what is wrong with it.

        Where the end is None, more must be read: to pass over the element where something is
        wrong with it already, else to see all of it.
        """
        data = self._data
        seam = _SEAM.search(data, start)
        if seam and _is_object(data, start, seam.start() + 1):
            return seam.start() + 1, None
        end = element_end(data, start)
        if end >= 0:
            return end, None
        is_long = len(data) - start > self._record_bytes
        if end == NEEDS_MORE:
            if self._is_last:
                return len(data), ("invalid_json", "the JSON ends in this element")
            return None, ("record_too_large", "") if is_long else None
        seam = seam or (_CLOSE.search(data, start) if self._is_last else None)
        if seam:
            return seam.start() + 1, None
        problem = ("invalid_json", "the element is broken and ends nowhere")
        return (len(data), problem) if self._is_last else (None, problem if is_long else None)

    def _skip(self, start: int, problem: tuple[str, str]) -> None:
        """Begin to pass over an element that is too long to be held."""
        self._advance(start)
        head = self._data[: self._raw_bytes]
        record = RawRecord(self._number, self._offset, head, 0).rejected(*problem)
        is_sound = problem[0] == "record_too_large"
        self._go_on_skipping(record, ValueSkipper() if is_sound else SeamFinder())

    def _go_on_skipping(self, record: RawRecord, finder: Finder) -> None:
        """Look for the end in what is held, and let go of what lies before it."""
        end = finder.feed(self._data)
        n_passed = len(self._data) if end is None else end
        n_bytes = record.n_bytes + n_passed
        detail = record.detail or f"the record has {n_bytes} bytes"
        self._skipping = record._replace(n_bytes=n_bytes), finder
        self._advance(n_passed)
        if end is not None:
            self._skipping = None
            self._number += 1
            self._ready.append(record._replace(n_bytes=n_bytes, detail=detail))

    def _record(self, start: int, end: int, n_before: int = 0) -> RawRecord:
        """Return the bytes from `start` to `end` as the record `n_before` after the last cut."""
        number, offset, n_bytes = self._number + n_before, self._offset + start, end - start
        if n_bytes > self._record_bytes:
            return too_large(number, offset, self._data[start : start + self._raw_bytes], n_bytes)
        return RawRecord(number, offset, self._data[start:end], n_bytes)

    def _between(self, start: int) -> int:
        """Return where the next element starts; commas between them are not counted."""
        match = _BETWEEN.match(self._data, start)
        return match.end() if match else start

    def _advance(self, n_bytes: int) -> None:
        """Let go of the first bytes."""
        self._data = self._data[n_bytes:]
        self._offset += n_bytes


def _is_object(data: bytes, start: int, end: int) -> bool:
    """Whether a JSON object stands exactly there."""
    try:
        return isinstance(orjson.loads(memoryview(data)[start:end]), dict)
    except orjson.JSONDecodeError:
        return False

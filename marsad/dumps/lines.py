"""Cut a stream into blocks of whole lines, with the number and place of every line."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

#: Bytes read at a time; a block of records holds about so many, and the end of its last record.
BLOCK_BYTES: Final = 4 * 2**20


class RawRecord(NamedTuple):
    """One record as bytes.

    Attributes:
        record_no: from 1.
        byte_offset: of its first byte in what was read.
        data: its bytes; the first ones only where `n_bytes` is more.
        n_bytes: how long the record is.
        rule: why it is a reject already, or None.
        detail: what exactly, in one line.
    """

    record_no: int
    byte_offset: int
    data: bytes
    n_bytes: int
    rule: str | None = None
    detail: str = ""

    def rejected(self, rule: str, detail: str) -> "RawRecord":
        """Return it as a reject."""
        return self._replace(rule=rule, detail=detail)


def too_large(record_no: int, byte_offset: int, head: bytes, n_bytes: int) -> RawRecord:
    """Return a record that is longer than may be parsed, with its first bytes."""
    detail = f"the record has {n_bytes} bytes"
    return RawRecord(record_no, byte_offset, head, n_bytes, "record_too_large", detail)


class LineCutter:
    """Puts lines together from blocks, and never holds more of one than may be parsed."""

    def __init__(self, offset: int, line_no: int, record_bytes: int, raw_bytes: int) -> None:
        """Take the offset and number of the first line, and the bounds of `settings.Limits`."""
        self._offset = offset
        self._line_no = line_no
        self._record_bytes = record_bytes
        self._raw_bytes = raw_bytes
        self._head = b""  # of the line that the last block did not end
        self._n_cut = 0  # how much of that line came after its head and was dropped

    def feed(self, block: bytes) -> list[RawRecord]:
        """Return the lines that end in this block; blank lines only count."""
        if not self._head and not self._n_cut and block.isspace():
            # A bomb of blank lines: millions of them need no look each.
            end = block.rfind(b"\n") + 1
            if end <= self._record_bytes:
                self._offset += end
                self._line_no += block.count(b"\n")
                self._extend(block[end:])
                return []
        *lines, tail = block.split(b"\n")
        records = []
        for line in lines:
            if self._head or self._n_cut:
                self._extend(line)
                line, n_bytes = self._head, len(self._head) + self._n_cut
                self._head, self._n_cut = b"", 0
            else:
                n_bytes = len(line)
            if n_bytes > self._record_bytes:
                head = line[: self._raw_bytes]
                records.append(too_large(self._line_no, self._offset, head, n_bytes))
            elif line and not line.isspace():
                records.append(RawRecord(self._line_no, self._offset, line, n_bytes))
            self._offset += n_bytes + 1
            self._line_no += 1
        self._extend(tail)
        return records

    def _extend(self, more: bytes) -> None:
        """Add to the unfinished line; once it is too long, keep its head and count the rest."""
        if self._n_cut:
            self._n_cut += len(more)
            return
        self._head += more
        if len(self._head) > self._record_bytes:
            self._n_cut = len(self._head) - self._raw_bytes
            self._head = self._head[: self._raw_bytes]

    def finish(self) -> list[RawRecord]:
        """Return the last line where no line feed ends it."""
        return self.feed(b"\n") if self._head or self._n_cut else []


def line_blocks(
    stream: BinaryIO, cutter: LineCutter, n_bytes: int | None = None
) -> Iterator[list[RawRecord]]:
    """Yield the lines of a stream that are not blank, without their line feeds.

    Args:
        stream: stands at the start of a line.
        cutter: knows which line that is.
        n_bytes: how much to read; None: all there is.

    Yields:
        Lines, about `BLOCK_BYTES` bytes of them at a time.
    """
    n_left = n_bytes
    while block := stream.read(BLOCK_BYTES if n_left is None else min(BLOCK_BYTES, n_left)):
        n_left = None if n_left is None else n_left - len(block)
        yield cutter.feed(block)
    yield cutter.finish()

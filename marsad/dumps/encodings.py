"""Find a file's encoding from a sample, and read it as UTF-8 with offsets into the original."""

import codecs
import io
from collections import deque
from typing import BinaryIO, Final

import numpy as np
from charset_normalizer import from_bytes

#: How much of a file is looked at.
SAMPLE_BYTES: Final = 64 * 2**10
#: Encodings of one byte a character in which Arabic news is found, with those that Latin text in
#: the same folders has.
_LEGACY: Final = ["cp1256", "iso8859_6", "mac_arabic", "cp1252"]
#: Of the characters beyond ASCII, the share that may be damaged in a file that is still UTF-8.
_DAMAGE: Final = 0.2
#: Bytes that are not UTF-8 before another encoding is thought of.
_EVIDENCE: Final = 4

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect(sample: bytes, *, is_whole: bool) -> str | None:
    """Name the encoding of a text.

    Args:
        sample: its first bytes.
        is_whole: whether that is all of it; else the last character may be cut.

    Returns:
        `utf-8` (also where a few characters are damaged), `utf-8-sig`, `utf-16`, `utf-32` (with a
        byte order mark), `utf-16-le`, `utf-16-be` (without), `cp1256` (windows-1256) or another
        of one byte a character; None where it is no text.
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if wide := _utf_16(sample):
        return wide
    if sample.count(0) * 10 > len(sample):
        return None
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final=is_whole)
    n_damaged = text.count("\ufffd")
    n_beyond = len(text.encode()) - len(text) if n_damaged else 0
    if n_damaged < max(_EVIDENCE, _DAMAGE * n_beyond):
        return "utf-8"
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    return best.encoding if best else None


def _utf_16(sample: bytes) -> str | None:
    """UTF-16 without a mark: the high bytes of blanks and Arabic letters are 0 and 6."""
    pairs = np.frombuffer(sample, np.uint8, len(sample) // 2 * 2).reshape(-1, 2)
    if len(pairs) < 2 or 0 not in sample:
        return None
    high = (pairs == 0) | (pairs == 6)
    share = high.mean(axis=0)
    blanks = (
        ((pairs == (32, 0)) | (pairs == (10, 0))).all(axis=1).any(),
        ((pairs == (0, 32)) | (pairs == (0, 10))).all(axis=1).any(),
    )
    if share[1] > 0.9 and share[0] < 0.5 and blanks[0]:
        return "utf-16-le"
    if share[0] > 0.9 and share[1] < 0.5 and blanks[1]:
        return "utf-16-be"
    return None


class AsUtf8(io.RawIOBase):
    """A stream in another encoding, read as UTF-8.

    What cannot be decoded becomes U+FFFD; `origin` tells where a byte of the output stood in the
    input.
    """

    _BLOCK: Final = 256 * 2**10

    def __init__(self, inner: BinaryIO, encoding: str) -> None:
        """Read `inner`, which stands at its first byte."""
        self._inner = inner
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""
        # (offset in the output, offset in the input, output bytes) of blocks not yet passed
        self._blocks: deque[tuple[int, int, bytes]] = deque()
        self._output = 0
        self._input = _bom_bytes(encoding)
        self._ended = False

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes of UTF-8; 0 at the end."""
        while not self._rest and not self._ended:
            block = self._inner.read(self._BLOCK)
            self._ended = not block
            text = self._decoder.decode(block, final=self._ended)
            self._rest = text.encode("utf-8", "replace")
            if self._rest:
                self._blocks.append((self._output, self._input, self._rest))
                self._output += len(self._rest)
                self._input += self._width(self._rest)
        data = self._rest[: len(buffer)]
        self._rest = self._rest[len(data) :]
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def origin(self, offset: int) -> int:
        """Return where the input's byte stands that became the output's byte `offset`.

        Offsets must be asked for in rising order: what lies before the last one is forgotten.
        """
        while len(self._blocks) > 1 and self._blocks[1][0] <= offset:
            self._blocks.popleft()
        if not self._blocks:
            return self._input
        start, origin, data = self._blocks[0]
        n_before = offset - start
        done = self._width(data[:n_before])
        if n_before:
            self._blocks[0] = (offset, origin + done, data[n_before:])
        return origin + done

    def _width(self, data: bytes) -> int:
        """How many bytes of the input these bytes of UTF-8 were."""
        raw = np.frombuffer(data, np.uint8)
        n_chars = int(np.count_nonzero((raw & 0xC0) != 0x80))
        if self._encoding.startswith("utf-16"):
            return 2 * (n_chars + int(np.count_nonzero(raw >= 0xF0)))
        if self._encoding.startswith("utf-32"):
            return 4 * n_chars
        return len(data) if self._encoding.startswith("utf-8") else n_chars


def _bom_bytes(encoding: str) -> int:
    """Length of the byte order mark that the decoder of an encoding takes away."""
    return {"utf-8-sig": 3, "utf-16": 2, "utf-32": 4}.get(encoding, 0)


def decode_page(data: bytes) -> str | None:
    """Decode one whole text; None where it is none."""
    if b"\0" not in data:  # UTF-16 may be valid UTF-8 by chance
        try:
            return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        except UnicodeDecodeError:
            pass
    encoding = detect(data[:SAMPLE_BYTES], is_whole=len(data) <= SAMPLE_BYTES)
    if encoding is None:
        return None
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None

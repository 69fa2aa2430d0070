"""Decompress any codec as a stream whose memory and output are bounded."""

import bz2
import io
import lzma
import sys
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from marsad.settings import Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Compressed bytes taken from the file at a time.
INPUT_BYTES: Final = 64 * 2**10
#: Memory that an xz file may ask for: its strongest preset needs 65 MiB.
XZ_MEMORY: Final = 256 * 2**20
#: A zstd window that a file may ask for, as a power of two: that of `zstd --ultra -22`.
ZSTD_WINDOW: Final = 27


class StreamError(Exception):
    """A file is not what it claims, is cut short, or unpacks to more than its bounds.

    Attributes:
        rule: short name, as in `ops.rejects.rule`.
        detail: what exactly, in one line.
    """

    def __init__(self, rule: str, detail: str) -> None:
        self.rule = rule
        self.detail = detail
        super().__init__(f"{rule}: {detail}")


class Budget:
    """Decompressed bytes that one dump may still give, whatever layers they come through."""

    def __init__(self, limits: Limits, n_bytes: int) -> None:
        """Take the bounds, and the size of the dump's file in bytes."""
        allowed = max(limits.expansion_free, n_bytes * limits.expansion)
        self.allowed = min(allowed, limits.total_bytes)
        self.spent = 0

    def spend(self, n_bytes: int) -> None:
        """Count bytes that came out of a codec.

        Raises:
            StreamError: `too_expansive`, the dump holds more than its bounds.
        """
        self.spent += n_bytes
        if self.spent > self.allowed:
            raise StreamError(
                "too_expansive",
                f"unpacks to more than the {self.allowed} bytes that its size allows",
            )


class Decompressor(Protocol):
    """What `bz2`, `isal`, `lzma` and `zstd` decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _zstd() -> Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW})


#: Codec name to (its first bytes, its decompressor).
CODECS: Final[dict[str, tuple[bytes, Callable[[], Decompressor]]]] = {
    # A gzip header, and its sum and length are checked.
    "gz": (b"\x1f\x8b\x08", lambda: IgzipDecompressor(flag=DECOMP_GZIP)),
    "zst": (b"\x28\xb5\x2f\xfd", _zstd),
    "bz2": (b"BZh", bz2.BZ2Decompressor),
    "xz": (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
}


class Inflated(io.RawIOBase):
    """The decompressed bytes of a stream of one or more members (gzip) or frames (zstd)."""

    def __init__(self, inner: BinaryIO, codec: str, budget: Budget) -> None:
        """Read `inner` from where it stands; `codec` is a key of `CODECS`."""
        self._inner = inner
        self._codec = codec
        self._budget = budget
        self._magic, self._make = CODECS[codec]
        self._engine: Decompressor | None = self._make()
        self._pending = b""  # read from `inner`, given to no engine yet

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` with the next decompressed bytes; 0 at the end.

        Raises:
            StreamError: `truncated` or `corrupt`, or the budget's.
        """
        view = memoryview(buffer)
        while self._engine is not None:
            if self._engine.eof:
                self._next_member(self._engine.unused_data)
            elif data := self._decompress(self._engine, len(view)):
                self._budget.spend(len(data))
                view[: len(data)] = data
                return len(data)
        return 0

    def _decompress(self, engine: Decompressor, n_bytes: int) -> bytes:
        """Give up to `n_bytes` bytes; none where the engine needs more or has ended."""
        needs_input = engine.needs_input
        feed = (self._pending or self._inner.read(INPUT_BYTES)) if needs_input else b""
        self._pending = b"" if needs_input else self._pending
        try:
            data = engine.decompress(feed, n_bytes)
        # isal's stubs call its exception a value.
        except (IsalError, OSError, lzma.LZMAError, zstd.ZstdError, MemoryError) as error:  # type: ignore[misc]
            raise StreamError("corrupt", f"the {self._codec} data is damaged: {error}") from None
        if needs_input and not feed and not data and not engine.eof:
            raise StreamError("truncated", f"the {self._codec} data ends in the middle")
        return data

    def _next_member(self, rest: bytes) -> None:
        """Start the next member where another follows; padding by zeros is an end too."""
        rest += self._pending
        while len(rest.lstrip(b"\0")) < len(self._magic) and (
            more := self._inner.read(INPUT_BYTES)
        ):
            rest = rest.lstrip(b"\0") + more
        rest = rest.lstrip(b"\0")
        if rest and not self._starts_member(rest):
            raise StreamError("corrupt", f"something else follows the {self._codec} data")
        self._pending = rest
        self._engine = self._make() if rest else None

    def _starts_member(self, data: bytes) -> bool:
        """Whether a member starts here; zstd also has frames to skip, `5? 2a 4d 18`."""
        skippable = self._codec == "zst" and data[1:4] == b"\x2a\x4d\x18"
        return skippable or data.startswith(self._magic)

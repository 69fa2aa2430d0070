"""Walk the members of a tar as it streams by, and notice where it is damaged.

The standard library's reader ends without a word at a broken or missing header, and what follows
would be lost.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from marsad.dumps.archives import Member, Names, too_many_members
from marsad.dumps.streams import StreamError
from marsad.settings import Limits

_BLOCK: Final = 512
#: A long name or a block of attributes is never longer than this.
_EXTENSION_BYTES: Final = 2**20
_REGULAR: Final = (b"0", b"\0", b"7")
_DIRECTORY: Final = b"5"
_NOT_FILES: Final = (b"1", b"2", b"3", b"4", b"6", b"S")  # links, devices, pipes, sparse files
_COPY_BYTES: Final = 2**20


@dataclass(slots=True)
class _Extension:
    """What headers before a member's own say of it."""

    name: str | None = None
    n_bytes: int | None = None


def tar_members(stream: BinaryIO, limits: Limits) -> Iterator[Member]:
    """Yield the members of a tar (POSIX, GNU, or older); a member ends when the next is asked for.

    Archives that were put one after the other are read on.

    Raises:
        StreamError: `truncated`, `corrupt` (a header is broken), or `too_many_members`.
    """
    names = Names()
    extension, n_members, has_ended = _Extension(), 0, False
    while True:
        header = stream.read(_BLOCK)
        if has_ended and len(header) < _BLOCK and not header.strip(b"\0"):
            return
        if len(header) < _BLOCK:
            raise StreamError("truncated", "the tar ends without its closing blocks")
        if not header.strip(b"\0"):
            has_ended = True
            continue
        has_ended = False
        kind, name, n_bytes = _parse(header)
        if kind in (b"x", b"L"):
            _extend(extension, kind, _body(stream, n_bytes))
            continue
        if kind in (b"g", b"K"):
            _body(stream, n_bytes)
            continue
        n_members += 1
        if n_members > limits.members:
            raise too_many_members(limits)
        size = n_bytes if extension.n_bytes is None else extension.n_bytes
        part = _Part(stream, size)
        if kind != _DIRECTORY:
            is_file = kind not in _NOT_FILES
            reader = io.BufferedReader(part, 64 * 2**10) if is_file else None
            yield Member(*names.unique(extension.name or name), reader)
        part.drain()
        _exactly(stream, -size % _BLOCK)
        extension = _Extension()


class _Part(io.RawIOBase):
    """The next bytes of a stream, so many of them."""

    def __init__(self, stream: BinaryIO, n_bytes: int) -> None:
        self._stream = stream
        self._n_left = n_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        n_bytes = min(len(buffer), self._n_left)
        if not n_bytes:
            return 0
        data = self._stream.read(n_bytes)
        if not data:
            raise StreamError("truncated", "the tar ends in the middle of a member")
        self._n_left -= len(data)
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Pass over what was not read."""
        buffer = bytearray(min(self._n_left, _COPY_BYTES))
        while self.readinto(buffer):
            pass


def _exactly(stream: BinaryIO, n_bytes: int) -> bytes:
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise StreamError("truncated", "the tar ends in the middle of a member")
    return data


def _body(stream: BinaryIO, n_bytes: int) -> bytes:
    """Read the data of a header that speaks of the next member."""
    if n_bytes > _EXTENSION_BYTES:
        raise StreamError("corrupt", f"the tar has a header of {n_bytes} bytes")
    return _exactly(stream, n_bytes + -n_bytes % _BLOCK)[:n_bytes]


def _parse(header: bytes) -> tuple[bytes, str, int]:
    """Return type, name and size of a member.

    Raises:
        StreamError: the header's checksum is wrong, or a number in it is none.
    """
    blanked = header[:148] + b" " * 8 + header[156:]
    if _number(header[148:156]) != sum(blanked):
        raise StreamError("corrupt", "the tar has a header that is damaged")
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0]
    if prefix and header[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    kind = _DIRECTORY if name.endswith(b"/") and header[156:157] == b"\0" else header[156:157]
    return kind, name.decode("utf-8", "replace"), _number(header[124:136])


def _number(field: bytes) -> int:
    """Read a number: octal digits, or binary after a byte of 0x80."""
    if field[0] & 0x80:
        number = int.from_bytes(field[1:], "big") if field[0] == 0x80 else -1
    else:
        digits = field.split(b"\0", 1)[0].strip()
        number = int(digits or b"0", 8) if not digits.strip(b"01234567") else -1
    if number < 0:
        raise StreamError("corrupt", "the tar has a header that is damaged")
    return number


def _extend(extension: _Extension, kind: bytes, data: bytes) -> None:
    """Take the name and size that a GNU long name or POSIX attributes give."""
    if kind == b"L":
        extension.name = data.rstrip(b"\0").decode("utf-8", "replace")
        return
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not 0 < int(length[:8]) <= len(data):
            raise StreamError("corrupt", "the tar has attributes that are damaged")
        record, data = data[len(length) + 1 : int(length) - 1], data[int(length) :]
        key, _, value = record.partition(b"=")
        if key == b"path":
            extension.name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit():
            extension.n_bytes = int(value[:18])

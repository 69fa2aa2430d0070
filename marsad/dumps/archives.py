"""Walk the members of a zip as streams; nothing is ever written under their names."""

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

from isal.igzip_lib import IgzipDecompressor, IsalError

from marsad.dumps.streams import INPUT_BYTES, Budget, StreamError
from marsad.settings import Limits


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: what it is called here: its own name without control characters; a second one of
            the same name ends in `#2`.
        own_name: the same without that end: of what kind it is, it says by its suffix.
        stream: its decompressed bytes; None where it has none (a link, a device).
    """

    name: str
    own_name: str
    stream: BinaryIO | None


#: What a damaged zip may raise in the standard library, and in isal, whose stubs call its exception
#: a value.
ZIP_ERRORS: Final[tuple[type[Exception], ...]] = (
    IsalError,  # type: ignore[assignment]
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression method that zipfile does not know
    RuntimeError,  # an encrypted member
    ValueError,
    OverflowError,
    OSError,
)

_CONTROL: Final = re.compile(
    "[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Names:
    """Makes the names of an archive's members safe to show and unique."""

    def __init__(self) -> None:
        """Start with none."""
        self._seen: dict[str, int] = {}

    def unique(self, name: str) -> tuple[str, str]:
        """Return a name that no earlier member has, and the member's own."""
        own_name = _CONTROL.sub("\ufffd", name)
        return self._unique(own_name), own_name

    def _unique(self, name: str) -> str:
        number = self._seen[name] = self._seen.get(name, 0) + 1
        return name if number == 1 else self._unique(f"{name}#{number}")


def open_zip(file: BinaryIO | io.FileIO, limits: Limits) -> zipfile.ZipFile:
    """Read the directory of a zip.

    Raises:
        StreamError: `corrupt`, it has none that can be read; `too_many_members`.
    """
    try:
        archive = zipfile.ZipFile(file)
    except ZIP_ERRORS as error:
        detail = f"the zip has no directory that can be read, as when it is cut short: {error}"
        raise StreamError("corrupt", detail) from None
    if len(archive.filelist) > limits.members:
        raise too_many_members(limits)
    return archive


def too_many_members(limits: Limits) -> StreamError:
    """Return what is raised of an archive with more members than the bounds allow."""
    return StreamError(
        "too_many_members",
        f"more than {limits.members} members (MARSAD_MAX_MEMBERS allows more)",
    )


def zip_members(
    archive: zipfile.ZipFile, budget: Budget, start: int = 0, end: int | None = None
) -> Iterator[Member]:
    """Yield the members of a zip from the `start`-th up to the `end`-th, in its own order.

    Raises:
        StreamError: a member cannot be opened (encrypted, or packed in an unknown way).
    """
    names = Names()
    for number, info in enumerate(archive.filelist[:end]):
        name, own_name = names.unique(info.filename)
        if number < start or info.is_dir():
            continue
        if info.flag_bits & 1:
            raise StreamError("encrypted", f"member {name!r} is encrypted")
        is_deflated = info.compress_type == zipfile.ZIP_DEFLATED
        try:
            inner = archive.open(_as_stored(info) if is_deflated else info)
        except ZIP_ERRORS as error:
            raise StreamError("corrupt", f"member {name!r} cannot be opened: {error}") from None
        with inner:
            content = _Inflating(inner, info) if is_deflated else inner
            reader = io.BufferedReader(_ZipStream(content, name, budget), 64 * 2**10)
            yield Member(name, own_name, reader)


def _as_stored(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Describe a member as one that is not compressed: `zipfile` gives its bytes as they are."""
    stored = copy.copy(info)
    stored.compress_type = zipfile.ZIP_STORED
    stored.file_size = info.compress_size
    stored.CRC = None  # type: ignore[assignment]  # its sum is that of the inflated bytes
    return stored


class _ZipStream(io.RawIOBase):
    """A member whose bytes count against the budget, and whose errors are a stream's."""

    def __init__(self, inner: "IO[bytes] | _Inflating", name: str, budget: Budget) -> None:
        self._inner = inner
        self._name = name
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except ZIP_ERRORS as error:
            raise StreamError("corrupt", f"member {self._name!r} is damaged: {error}") from None
        self._budget.spend(len(data))
        memoryview(buffer)[: len(data)] = data
        return len(data)


class _Inflating:
    """Inflates a member as `zipfile` would, in two fifths of the time."""

    def __init__(self, inner: IO[bytes], info: zipfile.ZipInfo) -> None:
        """Take the member's bytes as they are, and what the directory says of it."""
        self._inner = inner
        self._engine = IgzipDecompressor()
        self._n_left = info.file_size
        self._wanted_sum = info.CRC
        self._sum = 0

    def read(self, n_bytes: int) -> bytes:
        """Return up to so many bytes; none at the end.

        Raises:
            zipfile.BadZipFile: it has more bytes than the directory says, another sum, or no end.
            IsalError: its bytes are damaged.
        """
        while not self._engine.eof:
            feed = self._inner.read(INPUT_BYTES) if self._engine.needs_input else b""
            data: bytes = self._engine.decompress(feed, n_bytes)
            self._n_left -= len(data)
            if self._n_left < 0:
                raise zipfile.BadZipFile("it holds more than the directory says")
            self._sum = zlib.crc32(data, self._sum)
            if data:
                return data
            if not feed and not self._engine.eof:
                raise zipfile.BadZipFile("it ends in the middle")
        if self._sum != self._wanted_sum:
            raise zipfile.BadZipFile("its sum is not the directory's (CRC-32)")
        return b""

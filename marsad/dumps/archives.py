"""Walk the members of a zip as streams; nothing is ever written under their names."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

from marsad.dumps.streams import Budget, StreamError
from marsad.settings import Limits


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: what it is called here: its own name without control characters; a second one of
            the same name ends in `#2`.
        stream: its decompressed bytes; None where it has none (a link, a device).
    """

    name: str
    stream: BinaryIO | None


#: What a damaged zip may raise in the standard library.
ZIP_ERRORS: Final = (
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

    def unique(self, name: str) -> str:
        """Return a name that no earlier member has."""
        shown = _CONTROL.sub("\ufffd", name)
        number = self._seen[shown] = self._seen.get(shown, 0) + 1
        return shown if number == 1 else self.unique(f"{shown}#{number}")


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
        name = names.unique(info.filename)
        if number < start or info.is_dir():
            continue
        if info.flag_bits & 1:
            raise StreamError("encrypted", f"member {name!r} is encrypted")
        try:
            inner = archive.open(info)
        except ZIP_ERRORS as error:
            raise StreamError("corrupt", f"member {name!r} cannot be opened: {error}") from None
        with inner:
            yield Member(name, io.BufferedReader(_ZipStream(inner, name, budget), 64 * 2**10))


class _ZipStream(io.RawIOBase):
    """A member whose bytes count against the budget, and whose errors are a stream's."""

    def __init__(self, inner: IO[bytes], name: str, budget: Budget) -> None:
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

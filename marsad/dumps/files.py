"""Open the file of a dump, wherever it is: a path of this machine, or an object of a store."""

import io
import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from marsad.dumps.walk import path_of
from marsad.objects import ObjectFile, is_object, open_object, read_object

_BUFFER: Final = 256 * 2**10


class Status(NamedTuple):
    """What is known of a file before it is read.

    Attributes:
        n_bytes: its size.
        mtime_us: when it was changed, microseconds since 1970, UTC.
    """

    n_bytes: int
    mtime_us: int


def open_file(uri: str) -> BinaryIO:
    """Open a file to be read from any place.

    Raises:
        OSError: it cannot be read.
    """
    if is_object(uri):
        return open_object(uri)
    return Path(path_of(uri)).open("rb", buffering=_BUFFER)


def open_blocks(uri: str) -> AbstractContextManager[BinaryIO | io.FileIO]:
    """Open a file to be read in blocks of a MiB or more, without another buffer.

    Raises:
        OSError: it cannot be read.
    """
    if is_object(uri):
        return open_object(uri)
    return open(path_of(uri), "rb", buffering=0)  # noqa: PTH123 - a hot path


def read_file(uri: str) -> bytes:
    """Return all bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    if is_object(uri):
        return read_object(uri)
    with open(path_of(uri), "rb", buffering=0) as file:  # noqa: PTH123 - a hot path
        return file.read()


def object_of(stream: object) -> ObjectFile | None:
    """Return the object that a stream of `open_file` reads, if it is one."""
    raw = stream.raw if isinstance(stream, io.BufferedReader) else None
    return raw if isinstance(raw, ObjectFile) else None


def path_of_stream(stream: object) -> str | None:
    """Return the path of the file that a stream of `open_file` reads, if it is one."""
    raw = stream.raw if isinstance(stream, io.BufferedReader) else stream
    return str(raw.name) if isinstance(raw, io.FileIO) else None


def status_of(stream: BinaryIO | io.FileIO) -> Status:
    """Return size and time of change of what `open_file` or `open_blocks` opened."""
    found = object_of(stream)
    if found is not None:
        since = found.info.modified - datetime(1970, 1, 1, tzinfo=UTC)
        return Status(found.info.n_bytes, since // timedelta(microseconds=1))
    status = os.fstat(stream.fileno())
    return Status(status.st_size, status.st_mtime_ns // 1000)

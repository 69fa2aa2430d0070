"""Objects of S3-compatible and other stores: listed, opened, written and deleted by their URI.

obstore reads its credentials from the environment of the process (`AWS_*` and their likes).
"""

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from obstore import ReadableFile
    from obstore.store import ObjectStore

#: Schemes of stores that can be listed.
SCHEMES: Final = ("s3", "gs", "az")

#: Bytes that are asked for at a time.
_BLOCK: Final = 4 * 2**20


class ObjectInfo(NamedTuple):
    """What a store says of an object.

    Attributes:
        etag: changes with its bytes; None where the store has none.
    """

    uri: str
    n_bytes: int
    modified: datetime
    etag: str | None


def is_object(uri: str) -> bool:
    """Whether this names an object of a store, and no file."""
    scheme, mark, _ = uri.partition("://")
    return bool(mark) and scheme in SCHEMES


def _split(uri: str) -> tuple[str, str]:
    """Return the bucket with its scheme, and the key: as it is, since keys may hold any sign."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    return f"{scheme}://{bucket}", key


@functools.lru_cache(maxsize=16)
def _store(bucket: str) -> "ObjectStore":
    from obstore.store import from_url

    return from_url(
        bucket,
        # Only an endpoint that the environment names is ever spoken to without TLS.
        client_options={"allow_http": True, "timeout": "120s"},
        retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=60)},
    )


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """Raise what a store says as an OSError of one line."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        kind = FileNotFoundError if isinstance(error, FileNotFoundError) else OSError
        raise kind(f"{uri}: {line}") from None


def list_objects(prefix: str) -> Iterator[ObjectInfo]:
    """Yield the objects below a prefix that ends a folder (`s3://bucket/a/b`), in no order.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(prefix)
    with _told(prefix):
        for batch in obstore.list(_store(bucket), prefix=key or None):
            for meta in batch:
                yield ObjectInfo(
                    f"{bucket}/{meta['path']}", meta["size"], meta["last_modified"], meta["e_tag"]
                )


def object_info(uri: str) -> ObjectInfo:
    """Ask for one object.

    Raises:
        FileNotFoundError: there is none.
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        meta = obstore.head(_store(bucket), key)
    return ObjectInfo(uri, meta["size"], meta["last_modified"], meta["e_tag"])


class _Object(io.RawIOBase):
    """An object's bytes, fetched by range as they are asked for."""

    def __init__(self, uri: str, file: "ReadableFile") -> None:
        self.name = uri
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        with _told(self.name):
            data = self._file.read(len(buffer))
        memoryview(buffer)[: len(data)] = data
        return len(data)


def open_object(uri: str) -> io.BufferedReader:
    """Open an object to be read from any place; a few MiB of it are in memory.

    Raises:
        OSError: there is no such object, or the store does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        file = obstore.open_reader(_store(bucket), key, buffer_size=_BLOCK)
    return io.BufferedReader(_Object(uri, file), 256 * 2**10)


def read_object(uri: str) -> bytes:
    """Return an object's bytes.

    Raises:
        OSError: there is no such object, or the store does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        return bytes(obstore.get(_store(bucket), key).bytes())


def write_object(uri: str, data: bytes) -> None:
    """Write an object, whole or not at all.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        obstore.put(_store(bucket), key, data)


def delete_objects(prefix: str) -> int:
    """Delete everything below a prefix; return how many objects that were.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, _ = _split(prefix)
    keys = [_split(found.uri)[1] for found in list_objects(prefix)]
    with _told(prefix):
        for start in range(0, len(keys), 1000):
            obstore.delete(_store(bucket), keys[start : start + 1000])
    return len(keys)

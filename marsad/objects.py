"""Objects of S3-compatible stores: listed by prefix, read as files, written whole, deleted.

obstore reads its credentials from the environment of the process (`AWS_*` and their likes).
"""

import functools
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore


#: How an object's address begins.
SCHEME: Final = "s3://"
#: Bytes that one request of a file fetches: fewer would be spent on waiting.
_AHEAD: Final = 4 * 2**20


def is_object(uri: str) -> bool:
    """Whether this is the address of an object, and no path."""
    return uri.startswith(SCHEME)


class ObjectInfo(NamedTuple):
    """What a store says of an object.

    Attributes:
        etag: changes with its bytes; None where the store has none.
    """

    uri: str
    n_bytes: int
    modified: datetime
    etag: str | None


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
    from obstore.exceptions import BaseError, PreconditionError

    try:
        yield
    except PreconditionError:
        raise OSError(f"{uri}: it was changed while it was read") from None
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


def head_object(uri: str) -> ObjectInfo:
    """Ask for what a store says of an object.

    Raises:
        FileNotFoundError: there is none.
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        meta = obstore.head(_store(bucket), key)
    return ObjectInfo(uri, meta["size"], meta["last_modified"], meta["e_tag"])


def read_object(uri: str) -> bytes:
    """Return all bytes of an object.

    Raises:
        FileNotFoundError: there is none.
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        return bytes(obstore.get(_store(bucket), key).bytes())


def write_object(uri: str, data: bytes) -> None:
    """Write an object, whole or not at all, over what was there.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    import obstore

    bucket, key = _split(uri)
    with _told(uri):
        obstore.put(_store(bucket), key, data)


def delete_objects(uris: Sequence[str]) -> None:
    """Delete objects of one bucket.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    import obstore

    if uris:
        bucket, _ = _split(uris[0])
        with _told(bucket):
            obstore.delete(_store(bucket), [_split(uri)[1] for uri in uris])


def open_object(uri: str) -> BinaryIO:
    """Open an object as a file that can be read from any place, some MiB ahead.

    Raises:
        FileNotFoundError: there is none.
        OSError: the store refuses, or does not answer.
    """
    return io.BufferedReader(ObjectFile(head_object(uri)), _AHEAD)


class ObjectFile(io.RawIOBase):
    """The bytes of an object, of which each read asks the store for a range.

    Attributes:
        info: the object as it was when it was opened; once it has changed, reading fails.
    """

    def __init__(self, info: ObjectInfo) -> None:
        """Stand at the first byte."""
        self.info = info
        self._place = 0

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a byte, as a file does."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.info.n_bytes}
        if start[whence] + offset < 0:
            raise ValueError("a place before the first byte")
        self._place = start[whence] + offset
        return self._place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes; 0 at the end.

        Raises:
            OSError: the store refuses, does not answer, or has another object there now.
        """
        import obstore

        end = min(self._place + len(buffer), self.info.n_bytes)
        if end <= self._place:
            return 0
        bucket, key = _split(self.info.uri)
        options: GetOptions = {"range": (self._place, end)}
        if self.info.etag is not None:
            options["if_match"] = self.info.etag
        with _told(self.info.uri):
            data = obstore.get(_store(bucket), key, options=options).bytes()
        memoryview(buffer)[: len(data)] = memoryview(data)
        self._place += len(data)
        return len(data)

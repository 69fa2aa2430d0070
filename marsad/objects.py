"""Objects of S3-compatible stores, listed by prefix.

obstore reads its credentials from the environment of the process (`AWS_*` and their likes).
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from obstore.store import ObjectStore


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

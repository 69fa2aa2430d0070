"""The PostgreSQL of a catalog: whether a lake is in it, and the right to write to that lake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from marsad.errors import LakeError, LakeLockedError
from marsad.place import PostgresCatalog

if TYPE_CHECKING:
    from psycopg import Connection

#: The advisory lock of a lake's writer: the letters `marsad`. A database holds one lake.
_LOCK: Final = int.from_bytes(b"marsad")

#: Seconds to wait for an answer to a new connection.
_PATIENCE: Final = 10


@contextmanager
def _session(catalog: PostgresCatalog) -> Iterator["Connection[Any]"]:
    """Open a session in which every statement is a transaction of its own.

    Raises:
        LakeError: the server does not answer, or refuses.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    given: dict[str, Any] = {
        # A session whose machine is gone must end too, and within minutes: it may hold the lock.
        "options": "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10"
        " -c tcp_keepalives_count=3",
        "connect_timeout": _PATIENCE,
        "application_name": "marsad",
        "password": catalog.password,
        **conninfo_to_dict(catalog.conninfo),
    }
    try:
        with psycopg.connect(autocommit=True, **given) as con:
            yield con
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise LakeError(
            f"the catalog, {catalog.name}, cannot be used: {said}: see to the server and to"
            " MARSAD_CATALOG"
        ) from None


def has_catalog(catalog: PostgresCatalog) -> bool:
    """Whether a lake is in the database.

    Raises:
        LakeError: the server does not answer, or refuses.
    """
    with _session(catalog) as con:
        row = con.execute("select to_regclass('ducklake_metadata') is not null").fetchone()
    return row is not None and bool(row[0])


@contextmanager
def advisory_lock(
    catalog: PostgresCatalog, *, wait: bool, on_wait: Callable[[], object] | None
) -> Iterator[None]:
    """Hold the right to write to the lake of a database.

    The lock is its session's: it is gone when its holder dies, however it dies.

    Raises:
        LakeLockedError: another run holds it, and `wait` is off.
        LakeError: the server does not answer, or refuses.
    """
    with _session(catalog) as con:
        row = con.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if row is None or not row[0]:
            if not wait:
                raise LakeLockedError(
                    f"another run is writing to the lake in {catalog.name}: wait for it to end,"
                    " or run again with --wait"
                )
            if on_wait is not None:
                on_wait()
            con.execute("select pg_advisory_lock(%s)", [_LOCK])
        yield

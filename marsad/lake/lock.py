"""One writer at a time: an operating-system lock on a file in the lake's folder.

The system lets the lock go when its holder dies, however it dies: a killed run never leaves a
lock behind that somebody must remove. A catalog on PostgreSQL, which other machines write to, has
a lock there as well.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from marsad.errors import ConfigError, LakeLockedError
from marsad.lake.postgres import advisory_lock
from marsad.place import Where, place_of


@contextmanager
def writer_lock(
    lake: Where, *, wait: bool = False, on_wait: Callable[[], object] | None = None
) -> Iterator[None]:
    """Hold the right to write to a lake, making its folder where there is none.

    Args:
        lake: where it is; a path is that of its folder.
        wait: wait for another writer, for as long as it takes, instead of ending at once.
        on_wait: called, should there be somebody to wait for.

    Raises:
        LakeLockedError: another process holds the lock.
        LakeError: the catalog's PostgreSQL does not answer.
        ConfigError: the folder cannot be made or written to.
    """
    place = place_of(lake)
    with ExitStack() as held:
        lock = _folder_lock(place.folder, wait, on_wait)
        held.callback(lock.release)
        if place.catalog is not None:
            held.enter_context(advisory_lock(place.catalog, wait=wait, on_wait=on_wait))
        yield


def _folder_lock(lake: Path, wait: bool, on_wait: Callable[[], object] | None) -> BaseFileLock:
    """Take the lock of a folder."""
    try:
        lake.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lake / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if not wait:
                raise LakeLockedError(
                    f"another run is writing to {lake}: wait for it to end, or run again with"
                    " --wait"
                ) from None
            if on_wait is not None:
                on_wait()
            lock.acquire()
    except OSError as error:
        raise ConfigError(
            f"{lake} cannot be written to ({error.strerror}): choose another folder with --lake"
        ) from error
    return lock

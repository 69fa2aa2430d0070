"""One writer at a time: an operating-system lock on a file in the lake's folder.

The system lets the lock go when its holder dies, however it dies: a killed run never leaves a
lock behind that somebody must remove.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from marsad.errors import ConfigError, LakeLockedError


@contextmanager
def writer_lock(
    lake: Path, *, wait: bool = False, on_wait: Callable[[], object] | None = None
) -> Iterator[None]:
    """Hold the right to write to a lake, making its folder where there is none.

    Args:
        lake: folder of the warehouse.
        wait: wait for another writer, for as long as it takes, instead of ending at once.
        on_wait: called once, should there be somebody to wait for.

    Raises:
        LakeLockedError: another process holds the lock.
        ConfigError: the folder cannot be made or written to.
    """
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
    try:
        yield
    finally:
        lock.release()

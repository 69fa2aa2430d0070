"""Processes that parse: one pool for a run, or none where one worker is enough.

A flow may lend others for a while, such as those of a cluster.

Threads would share one interpreter lock, and parsing is work for the processor. Workers are
spawned rather than forked, because a fork would copy the locks of Polars' and DuckDB's threads.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final, ParamSpec, TypeVar

from marsad.errors import MarsadError
from marsad.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

#: Lets a process keep the memory that one chunk needed for the next: to give it back to the system
#: and ask again took a twelfth of a worker's time. For Polars' allocator and the C library's. After
#: parsing a worker holds twice as much then, so it is not for a run whose memory is scarce.
_KEEPS_MEMORY: Final = {
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:60000",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),  # the most that glibc takes
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}


class WorkerDiedError(MarsadError):
    """A worker process died: killed, or out of memory."""


def _begin_worker() -> None:
    """Leave keyboard interrupts to the parent, which ends its workers, and end when it dies.

    A worker waits for work on a pipe of which it holds both ends, so that by itself it would
    outlive a parent that was killed, and write into the staging folder of a run that is no more.
    """
    ignore_interrupts()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def ignore_interrupts() -> None:
    """Leave keyboard interrupts to the process that runs the flow; called in its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with(parent: BaseProcess) -> None:
    """End this process as soon as its parent has died."""
    parent.join()
    os._exit(1)


class _Pool:
    """The worker processes of this process, and the turn of whoever works without them."""

    def __init__(self) -> None:
        self.executor: Executor | None = None
        self.turn = threading.Lock()


_pool = _Pool()


def run_in_worker(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one call in a worker process, and return what it returns.

    Where no pool is open (one worker, or a process that is itself a worker of a cluster) the call
    runs here, one at a time.

    Raises:
        WorkerDiedError: the worker died.
    """
    if _pool.executor is None:
        with _pool.turn:
            return function(*args, **kwargs)
    with _deaths():
        return _pool.executor.submit(function, *args, **kwargs).result()


def each_in_worker(function: Callable[[Item], T], items: Sequence[Item]) -> Iterator[T]:
    """Run a call for each item in the worker processes, and yield what they return, in order.

    Raises:
        WorkerDiedError: a worker died.
    """
    if _pool.executor is None:
        for item in items:
            yield run_in_worker(function, item)
        return
    with _deaths():
        futures = [_pool.executor.submit(function, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


@contextmanager
def _deaths() -> Iterator[None]:
    """Say in one line that a worker died.

    Raises:
        WorkerDiedError: it did.
    """
    try:
        yield
    except BrokenProcessPool as error:
        raise WorkerDiedError(
            "a worker died (killed, or out of memory): run again, with fewer --workers"
        ) from error


@contextmanager
def lend_workers(executor: Executor) -> Iterator[None]:
    """Let others do what is for workers to do, until the block ends."""
    before, _pool.executor = _pool.executor, executor
    try:
        yield
    finally:
        _pool.executor = before


def abandon_work() -> None:
    """Let nobody wait any longer for what workers have not done yet: the run has failed."""
    executor = _pool.executor
    if isinstance(executor, ProcessPoolExecutor):
        executor.shutdown(wait=False, cancel_futures=True)
        # Nor for what they are doing: nobody will read it.
        for process in multiprocessing.active_children():
            process.terminate()
    elif executor is not None:
        executor.shutdown(wait=False)


def dismiss_workers() -> None:
    """End the worker processes before their block ends, and free their memory.

    Should there be something left to do in one, it is done here.
    """
    executor, _pool.executor = _pool.executor, None
    if executor is not None:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def open_pool(settings: Settings) -> Iterator[None]:
    """Let `run_in_worker` use this many processes until the block ends, however it ends.

    Args:
        settings: how many workers, and what they may hold; one worker needs no process.
    """
    workers = settings.workers
    if workers == 1:
        yield
        return
    environment = {
        # Each worker is one share of the machine: without this every worker would start as many
        # Polars threads as there are cores, and they would take turns.
        "POLARS_MAX_THREADS": str(max(1, (os.cpu_count() or 1) // workers)),
        # NumPy brings threads for products of matrices, of which there are none here; they spin.
        "OPENBLAS_NUM_THREADS": "1",
        **(_KEEPS_MEMORY if settings.has_ample_memory else {}),
    }
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    _pool.executor = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
    )
    try:
        yield
    finally:
        if _pool.executor is not None:
            _pool.executor.shutdown(wait=True, cancel_futures=True)
            _pool.executor = None
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""The processes that work on the chunks of a run: those of this machine, or a Dask cluster's."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING

from marsad.errors import MarsadError
from marsad.night.workers import WorkerDiedError, ignore_interrupts, lend_workers
from marsad.settings import LOCAL, Settings

if TYPE_CHECKING:
    from distributed import Client

#: Tasks wait for workers, so a few threads feed any number of processes of this machine.
_THREADS = 16
#: Seconds that a scheduler has to answer, and that a cluster has to get its first worker.
_PATIENCE = 10, 120
#: Seconds that a cluster may be without any worker while there is work, and how often it is asked.
_LOST, _ASKED_EVERY = 300.0, 5.0


class ClusterError(MarsadError):
    """The Dask cluster does not answer, has no workers, or ended."""


@contextmanager
def open_workers(settings: Settings) -> Iterator[int]:
    """Let `run_in_worker` use the workers of the settings until the block ends.

    Yields:
        How many threads keep all of them busy.

    Raises:
        ClusterError: there is no cluster where the settings say, it has no workers, or it ended.
        WorkerDiedError: a chunk ended every worker that tried it.
    """
    if settings.runner == LOCAL:
        yield _THREADS
        return
    from distributed import KilledWorker

    where = settings.scheduler or "of this run"
    lost = threading.Event()
    try:
        with _open_cluster(settings) as client:
            _require_worker(client, where)
            # Twice as many, so that no worker waits for the next chunk.
            n_threads = max(_THREADS, 2 * sum(client.ncores().values()))
            with _watched(client, lost), lend_workers(client.get_executor(pure=False)):
                yield n_threads
    except KilledWorker as error:
        # Dask has tried the same on several workers by then.
        raise WorkerDiedError(
            "workers died over one part of the night, one after the other (killed, or out of"
            " memory): see to theirs, and run again"
        ) from error
    except CancelledError as error:
        what = f"has had no workers for {_LOST:.0f} s" if lost.is_set() else "is gone"
        raise ClusterError(f"the Dask cluster {where} {what}: see to it, and run again") from error


@contextmanager
def _open_cluster(settings: Settings) -> Iterator["Client"]:
    """Connect to the cluster of the settings, or to one that ends with the block.

    Raises:
        ClusterError: nobody answers.
    """
    import dask
    from distributed import Client, LocalCluster

    # Its log tells of every connection that ends; what ends a run is told by the run.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if settings.scheduler is not None:
        try:
            client = Client(settings.scheduler, timeout=_PATIENCE[0], set_as_default=False)
        except OSError as error:
            raise ClusterError(
                f"no Dask scheduler answers at {settings.scheduler}: start one with `dask"
                " scheduler`, or use another --runner"
            ) from error
        with client:
            yield client
        return
    with (
        dask.config.set(_as_local_workers()),
        LocalCluster(
            n_workers=settings.workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            # What a worker may hold follows from the size of its chunks, as with the local runner.
            memory_limit=0,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.run(ignore_interrupts)
        yield client


def _as_local_workers() -> dict[str, object]:
    """Return what makes Dask's own workers as quick as those of the local runner.

    By default their allocator gives all memory back at once, whatever the environment says
    (`marsad.night.workers.open_pool`), and a thread looks at their stack a hundred times a second.
    """
    import dask

    given = dask.config.get("distributed.nanny.pre-spawn-environ")
    return {
        "distributed.nanny.pre-spawn-environ": {
            name: os.environ.get(name, value) for name, value in given.items()
        },
        "distributed.worker.profile.enabled": False,
    }


def _require_worker(client: "Client", where: str) -> None:
    """Wait for the first worker.

    Raises:
        ClusterError: none comes.
    """
    try:
        client.wait_for_workers(1, timeout=_PATIENCE[1])
    except TimeoutError as error:
        raise ClusterError(
            f"the Dask cluster {where} has no workers: start some with `dask worker`"
        ) from error


@contextmanager
def _watched(client: "Client", lost: threading.Event) -> Iterator[None]:
    """Cancel all work, and set the event, once the cluster was without workers for too long.

    Dask itself waits for new ones for ever, and so would a run in the night.
    """
    ended = threading.Event()

    def watch() -> None:
        seen = time.monotonic()
        while not ended.wait(_ASKED_EVERY):
            try:
                n_workers = len(client.nthreads())
            except (OSError, RuntimeError, CancelledError):
                return  # the scheduler is gone, and Dask cancels what waits for it
            if n_workers:
                seen = time.monotonic()
            elif time.monotonic() - seen > _LOST:
                lost.set()
                client.close()  # cancels what waits
                return

    watcher = threading.Thread(target=watch, name="workers", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()

"""Prefect's part of where the chunks of a run are worked on: a thread for each that waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

from prefect import Task
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.cluster import open_workers
from marsad.night.workers import abandon_work
from marsad.settings import Settings

Runner: TypeAlias = TaskRunner[PrefectFuture[Any]]


@contextmanager
def open_runner(settings: Settings) -> Iterator[Runner]:
    """Map tasks over the workers of the settings until the block ends.

    Tasks stay in this process and wait there for `run_in_worker`: workers know nothing of Prefect,
    need not reach its server, and are quick to start.

    Raises:
        MarsadError: as `open_workers`.
    """
    with (
        open_workers(settings) as n_threads,
        # A kind of runner that is its own kind of future.
        cast(Runner, ThreadPoolTaskRunner(max_workers=n_threads)) as runner,
    ):
        try:
            yield runner
        except BaseException:
            # Threads would wait for workers that an interrupt has ended with this process.
            abandon_work()
            raise


def each_of(runner: Runner, task: Task[..., Any], **parameters: object) -> Iterator[Any]:
    """Map a task over a runner, and yield what it returns, in order."""
    for future in runner.map(task, parameters):
        yield future.result()

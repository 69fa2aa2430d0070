"""Nights in processes of their own, without Prefect: to be killed, starved and watched.

A night here is the stages of `flows.nightly`, one after the other, with the same lock, staging
folder and ends. Its processes are forked from one that has only imported what a night needs, which
saves the seconds that imports take; nothing has run in that one, so there is no thread to lose.
"""

import multiprocessing
import os
import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
from lake_nights import NEWS

import marsad.lake.publish
from marsad.audit.run import prepare
from marsad.lake.connect import open_lake
from marsad.night import audited, ends, ingest, segmented, served
from marsad.night.context import RunContext, Stopwatch
from marsad.night.publication import open_publication
from marsad.night.summary import RunSummary
from marsad.night.whole import run_whole
from marsad.night.workers import run_in_worker
from marsad.serve.swap import published_path
from marsad.settings import load_settings

prepare()  # imported once, for all the nights that are forked from this process

#: The boundaries between a night's stages, in their order.
BOUNDARIES = (
    "begun",
    "discovered",
    "parsed 0",
    "parsed 1",
    "parsed 2",
    "segmented",
    "audited",
    "written",
    "committed",
    "served",
)
AtBoundary = Callable[[str, RunContext], None]


def run_night(
    lake: Path, inputs: Sequence[str], *, workers: int = 1, at: AtBoundary | None = None
) -> RunSummary:
    """Run a night in this process.

    Args:
        lake: folder of the warehouse.
        inputs: dumps; each is a chunk of its own.
        workers: processes that parse.
        at: called at each of `BOUNDARIES`.
    """
    settings = load_settings(lake=lake, workers=workers, environ={})
    settings = replace(settings, limits=replace(settings.limits, chunk_files=1))

    def stages(context: RunContext, _: Stopwatch) -> RunSummary:
        def reach(boundary: str) -> None:
            if at is not None:
                at(boundary, context)

        with _boundaries_of_commit(reach):
            summary = _run_stages(context, inputs, reach)
        reach("served")
        return summary

    return run_whole(settings, "nightly", stages)


def _run_stages(
    context: RunContext, inputs: Sequence[str], reach: Callable[[str], None]
) -> RunSummary:
    reach("begun")
    plan = ingest.discover(context, inputs, None)
    reach("discovered")
    for number in range(plan.n_chunks):
        run_in_worker(ingest.parse_chunk, context, number, plan.chunk_bytes[number])
        reach(f"parsed {number}")
    dumps = audited.run_dumps(context, plan)
    summary = ends.summary_of(context, plan, dumps)
    if not summary.n_dumps.new:
        summary = ends.end_idle(context, summary, dumps)
        return served.serve_if_behind(context, summary)
    segmented.segment(context)
    reach("segmented")
    with open_publication(context, dumps) as publication:
        verdict = audited.audit(context, publication.con, publication.begin)
        reach("audited")
        summary = replace(summary, warnings=verdict.warnings)
        done = None if verdict.blocked else publication.commit(len(verdict.warnings))
    if done is None:
        return ends.end_blocked(context, summary, dumps, verdict.blocked)
    summary = ends.end_published(summary, *done)
    return served.serve_published(context, summary)


class _boundaries_of_commit:
    """Reach the boundaries inside the publishing transaction: all written, and committed."""

    def __init__(self, reach: Callable[[str], None]) -> None:
        self._reach = reach
        self._insert_run = marsad.lake.publish.insert_run
        self._newest = marsad.lake.publish.newest_snapshot

    def __enter__(self) -> None:
        is_written = False

        def insert_run(*args: object) -> None:
            nonlocal is_written
            self._insert_run(*args)  # type: ignore[arg-type]
            is_written = True
            self._reach("written")

        def newest_snapshot(*args: object) -> int:
            if is_written:
                self._reach("committed")
            return self._newest(*args)  # type: ignore[arg-type]

        marsad.lake.publish.insert_run = insert_run
        marsad.lake.publish.newest_snapshot = newest_snapshot

    def __exit__(self, *_: object) -> None:
        marsad.lake.publish.insert_run = self._insert_run
        marsad.lake.publish.newest_snapshot = self._newest


def forking() -> ForkServerContext:
    """The context whose processes have imported all that a night needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    # Python 3.11 does not hand this process's path to the one that imports.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context


@dataclass(frozen=True)
class Scene:
    """Where a night runs.

    Attributes:
        lake: folder of the warehouse.
        temp: folder of temporary files, so that it can be seen what is left.
        mark: stands in the environment of every process that the night starts.
    """

    lake: Path
    temp: Path
    mark: str = field(default_factory=lambda: f"MARSAD_TEST_NIGHT={secrets.token_hex(8)}")

    def left_processes(self) -> list[int]:
        """Processes that a night has started and that are still there, a moment after its end."""
        until = time.monotonic() + 10
        while (left := _marked(self.mark)) and time.monotonic() < until:
            time.sleep(0.1)
        return left


def _marked(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _night(scene: Scene, inputs: Sequence[str], workers: int, at: AtBoundary | None) -> RunSummary:
    tempfile.tempdir = str(scene.temp)
    name, _, value = scene.mark.partition("=")
    os.environ[name] = value
    return run_night(scene.lake, inputs, workers=workers, at=at)


def _die(boundary: str, scene: Scene, inputs: Sequence[str], workers: int) -> None:
    def at(reached: str, _: RunContext) -> None:
        if reached == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    _night(scene, inputs, workers, at)


def _run(scene: Scene, inputs: Sequence[str], workers: int, answers: Connection) -> None:
    summary = _night(scene, inputs, workers, None)
    answers.send((summary.status, summary.error or "; ".join(summary.warnings)))


def kill_after(seconds: float, scene: Scene, inputs: Sequence[str], workers: int = 1) -> bool:
    """Kill a night this long after its start; return whether it was still running."""
    night = forking().Process(target=_die, args=("", scene, inputs, workers))
    night.start()
    night.join(seconds)
    night.kill()
    night.join()
    return night.exitcode == -signal.SIGKILL


def kill_at(boundary: str, scene: Scene, inputs: Sequence[str], workers: int = 1) -> bool:
    """Kill a night at one of `BOUNDARIES`; return whether it was."""
    night = forking().Process(target=_die, args=(boundary, scene, inputs, workers))
    night.start()
    night.join()
    return night.exitcode == -signal.SIGKILL


def run_to_its_end(scene: Scene, inputs: Sequence[str], workers: int = 1) -> tuple[str, str]:
    """Run a night; return its status, and its error or warnings."""
    ours, theirs = forking().Pipe(duplex=False)
    night = forking().Process(target=_run, args=(scene, inputs, workers, theirs))
    night.start()
    theirs.close()
    try:
        status, said = ours.recv()
    except EOFError:
        status, said = "died", "without a word"
    night.join()
    return str(status), str(said)


#: Of each news table its number of rows, and a sum over all their values.
Picture = tuple[tuple[int, int], ...]
_PICTURE = ", ".join(
    f"(select (count(*), coalesce(bit_xor(hash(t)), 0)) from news.{table} as t)" for table in NEWS
)


def picture_of(lake: Path) -> Picture:
    """What a reader sees of the news now."""
    with open_lake(lake, threads=1) as con:
        return _picture(con)


def _picture(con: duckdb.DuckDBPyConnection) -> Picture:
    row = con.execute(f"select {_PICTURE}").fetchone()
    assert row is not None
    return tuple(row)


class Reader:
    """A process that reads a lake and its published file all the time, until it is told to stop."""

    def __init__(self, lake: Path) -> None:
        """Begin."""
        self._stop = forking().Event()
        self._answers, theirs = forking().Pipe(duplex=False)
        self._process = forking().Process(target=_read, args=(lake, self._stop, theirs))
        self._process.start()
        theirs.close()

    def stop(self) -> tuple[int, set[Picture], str]:
        """End; return the number of reads, all that was seen, and what went wrong."""
        self._stop.set()
        found: tuple[int, set[Picture], str] = self._answers.recv()
        self._process.join()
        return found


def _read(lake: Path, stop: Event, answers: Connection) -> None:
    seen: set[Picture] = set()
    n_reads, error = 0, ""
    try:
        while not stop.is_set():
            with open_lake(lake, threads=1) as con:
                for _ in range(3):
                    seen.add(_picture(con))
                    n_reads += 1
                    stop.wait(0.2)
            if published_path(lake).is_file():
                with duckdb.connect(published_path(lake), read_only=True) as con:
                    assert con.execute("select count(*) from articles").fetchone() != (0,)
    except Exception as problem:  # noqa: BLE001 - whatever a reader meets is the finding
        error = f"{type(problem).__name__}: {problem}"
    answers.send((n_reads, seen, error))

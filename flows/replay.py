"""The replay flow: read rejects again, audit, publish what now passes."""

from pathlib import Path
from typing import Any, cast

import polars as pl
from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows import tasks
from flows.ending import finish
from flows.stages import audit, segment
from marsad.lake.rejects import Selection
from marsad.night import audited, ends, replay_reading, replayed
from marsad.night.context import RunContext, Stopwatch
from marsad.night.opened import open_staged
from marsad.night.progress import Progress, report
from marsad.night.replay_reading import Chosen, Part
from marsad.night.summary import RunEndedBadlyError, RunSummary
from marsad.night.whole import run_whole
from marsad.night.workers import run_in_worker
from marsad.settings import Settings, load_settings

_RUNNER = cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=16))


@task(name="choose", cache_policy=NO_CACHE)
def choose(context: RunContext, selection: Selection) -> Chosen:
    """List the rejects, and decide how each is read."""
    return replay_reading.choose(context, selection)


@task(name="read", task_run_name="read-{part.name}", cache_policy=NO_CACHE)
def read_part(context: RunContext, part: Part) -> str | None:
    """Read some of them in a worker process."""
    error = run_in_worker(replay_reading.read_part, context, part)
    report(Progress("read", steps=1))
    return error


@task(name="publish", cache_policy=NO_CACHE)
def publish(context: RunContext, dumps: pl.DataFrame, summary: RunSummary) -> RunSummary:
    """Publish what passed, in one transaction."""
    return replayed.publish(context, dumps, summary)


@flow(name="replay", task_runner=_RUNNER)
def replay(
    rejects: list[str] | None = None,
    rule: str | None = None,
    dump: str | None = None,
    run: str | None = None,
    lake: str | None = None,
    workers: int | None = None,
    wait: bool = False,
) -> RunSummary:
    """Try open rejects again with today's parser and reference data.

    Args:
        rejects: beginnings of their ids; default all that are open.
        rule: only those of this rule.
        dump: only those of the dump with this id, or this part of a name.
        run: only those that this run rejected.
        lake: folder of the warehouse; default `MARSAD_LAKE`, else `./warehouse`.
        workers: processes that parse; default the cores of the machine.
        wait: wait for another run to end, instead of ending at once.

    Returns:
        What was published, or that nothing passed.

    Raises:
        LakeError: there is no lake.
        ConfigError: the selection names what is not there; nothing was touched.
        LakeLockedError: another run is writing.
        RunEndedBadlyError: it was blocked or failed; the warehouse is as it was.
    """
    settings = load_settings(lake=Path(lake) if lake else None, workers=workers)
    selection = Selection(names=tuple(rejects or ()), rule=rule, dump=dump, run=run)
    replay_reading.require_rejects(settings, selection)

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        return _run_stages(context, selection, watch)

    return finish(run_whole(settings, "replay", stages, wait=wait))


def _run_stages(context: RunContext, selection: Selection, watch: Stopwatch) -> RunSummary:
    watch.start("read")
    chosen = choose(context, selection)
    if chosen.parts:
        audited.prepare()
    errors = read_part.map(unmapped(context), list(chosen.parts)).result() if chosen.parts else []
    dumps, summary = replayed.tried(context, chosen, errors)
    watch.count(n_records=summary.n_records, n_rejects=summary.n_rejects)
    if summary.n_records == summary.n_rejects:
        return ends.end_idle(context, summary, None)
    segment(context, watch)
    with open_staged(context, dumps) as con:
        verdict, summary = audit(context, con, summary, watch)
    watch.start("publish")
    if verdict.blocked:
        return ends.end_blocked(context, summary, None, verdict.blocked)
    report(Progress("publish"))
    summary = publish(context, dumps, summary)
    if summary.snapshot_id is None:
        return ends.end_idle(context, summary, None)
    watch.start("serve")
    report(Progress("serve"))
    return tasks.serve(context, summary)


def run_once(settings: Settings, selection: Selection, *, wait: bool = False) -> RunSummary:
    """Run the flow in this process, and return its summary however it ended."""
    try:
        return replay(
            rejects=list(selection.names),
            rule=selection.rule,
            dump=selection.dump,
            run=selection.run,
            lake=str(settings.lake),
            workers=settings.workers,
            wait=wait,
        )
    except RunEndedBadlyError as error:
        return error.summary

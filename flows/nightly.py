"""The nightly flow: discover, parse, segment, audit, publish, serve."""

import datetime as dt
from pathlib import Path

import polars as pl
from prefect import flow, unmapped
from prefect.schedules import Cron

from flows import tasks
from flows.ending import finish
from flows.runners import each_of, open_runner
from flows.server import scheduling_server
from flows.stages import audit, segment
from marsad.dumps.plan import Plan
from marsad.errors import ConfigError
from marsad.night import audited, ends, ingest, served
from marsad.night.context import RunContext, Stopwatch
from marsad.night.progress import Progress, report
from marsad.night.publication import open_publication
from marsad.night.summary import RunEndedBadlyError, RunSummary
from marsad.night.whole import run_whole
from marsad.settings import LOCAL, Settings, load_settings


@flow(name="nightly")
def nightly(
    inputs: list[str],
    date: dt.date | None = None,
    lake: str | None = None,
    workers: int | None = None,
    wait: bool = False,
    memory: str | None = None,
    runner: str = LOCAL,
) -> RunSummary:
    """Ingest dumps into the lake: all of the night, or nothing of it.

    Args:
        inputs: paths, globs and folders of dumps.
        date: when records that do not say so were observed.
        lake: folder of the warehouse; default `MARSAD_LAKE`, else `./warehouse`.
        workers: processes that parse; default the cores of the machine.
        wait: wait for another run to end, instead of ending at once.
        memory: what the run may hold, as in `2GB`; default `MARSAD_MEMORY`, else half of the
            machine.
        runner: `local`, `dask`, or `dask=tcp://host:port` (`marsad.settings.Settings.runner`).

    Returns:
        What was published, or that nothing was new.

    Raises:
        ConfigError: the inputs or settings are wrong; nothing was touched.
        LakeLockedError: another run is writing.
        RunEndedBadlyError: the run was blocked or failed; the warehouse is as it was.
    """
    settings = load_settings(
        lake=Path(lake) if lake else None, workers=workers, memory=memory, runner=runner
    )
    ingest.require_inputs(inputs)
    observed = dt.datetime.combine(date, dt.time(), dt.UTC) if date else None

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        return run_stages(context, inputs, observed, watch)

    return finish(run_whole(settings, "nightly", stages, wait=wait))


def run_stages(
    context: RunContext, inputs: list[str], observed: dt.datetime | None, watch: Stopwatch
) -> RunSummary:
    """Run one stage after the other, and stop where one says that there is nothing to publish."""
    watch.start("discover")
    plan = tasks.discover(context, inputs, observed)
    watch.count(n_files=plan.dumps.height, n_chunks=plan.n_chunks)
    dumps, summary = _parse(context, plan, watch)
    if not summary.n_dumps.new:
        summary = ends.end_idle(context, summary, dumps)
        return served.serve_if_behind(context, summary)
    with open_publication(context, dumps) as publication:
        verdict, summary = audit(context, publication.con, summary, watch, publication.begin)
        watch.start("publish")
        done = None
        if not verdict.blocked:
            report(Progress("publish"))
            done = tasks.publish(publication, len(verdict.warnings))
    if done is None:
        return ends.end_blocked(context, summary, dumps, verdict.blocked)
    summary = ends.end_published(summary, *done)
    watch.count(n_articles_new=summary.n_articles_new, n_sightings=summary.n_sightings)
    watch.start("serve")
    report(Progress("serve"))
    return tasks.serve(context, summary)


def _parse(context: RunContext, plan: Plan, watch: Stopwatch) -> tuple[pl.DataFrame, RunSummary]:
    """Parse what is new on the workers, and cut its keyword lines there.

    Returns:
        Rows of `ops.dumps` of this run, and the summary as far as it is known.
    """
    if not plan.n_chunks:
        dumps = audited.run_dumps(context, plan)
        return dumps, ends.summary_of(context, plan, dumps)
    audited.prepare()
    watch.start("parse")
    with open_runner(context.settings) as runner:
        chunks = each_of(
            runner,
            tasks.parse_chunk,
            context=unmapped(context.for_workers()),
            chunk_no=list(range(plan.n_chunks)),
            n_bytes=list(plan.chunk_bytes),
        )
        for chunk in chunks:
            ingest.report_chunk(context, chunk)
        dumps = audited.run_dumps(context, plan)
        summary = ends.summary_of(context, plan, dumps)
        watch.count(n_records=summary.n_records, n_rejects=summary.n_rejects)
        if summary.n_dumps.new:
            segment(context, watch)
    return dumps, summary


def run_once(
    inputs: list[str], date: dt.date | None, settings: Settings, *, wait: bool = False
) -> RunSummary:
    """Run the flow in this process, and return its summary however it ended.

    Raises:
        MarsadError: it could not begin; nothing was touched.
    """
    try:
        return nightly(
            inputs,
            date=date,
            lake=str(settings.lake),
            workers=settings.workers,
            wait=wait,
            memory=str(settings.memory_bytes),
            runner=settings.runner,
        )
    except RunEndedBadlyError as error:
        return error.summary


def serve_nightly(inputs: list[str], cron: str, timezone: str, settings: Settings) -> None:
    """Serve the flow on a schedule from this process, with no work pool.

    Raises:
        ConfigError: the schedule is not one.
        PrefectServerError: no Prefect server is named, and one of its own did not start.
    """
    try:
        schedule = Cron(cron, timezone=timezone)
    except ValueError as error:
        raise ConfigError(
            f"--cron {cron!r} with --timezone {timezone!r} is no schedule:"
            " give five fields, as in '30 2 * * *', and a zone such as Asia/Baghdad"
        ) from error
    with scheduling_server():
        nightly.serve(
            name="nightly",
            schedule=schedule,
            parameters={
                "inputs": inputs,
                "lake": str(settings.lake),
                "workers": settings.workers,
                "memory": str(settings.memory_bytes),
                "runner": settings.runner,
                # Nobody is there to try again later.
                "wait": True,
            },
            # Two nights at once would only wait for each other.
            limit=1,
        )

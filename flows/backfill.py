"""The backfill flow: a range of days, one run a day, in order."""

import datetime as dt
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.nightly import run_stages
from marsad.console import artifact_rows
from marsad.night.backfilled import NOT_REACHED, Backfill, Day, ended, plan_days, stops_at
from marsad.night.context import RunContext, Stopwatch
from marsad.night.progress import Progress, report
from marsad.night.reparsed import roll_back_before
from marsad.night.summary import RunSummary
from marsad.night.whole import run_whole
from marsad.settings import LOCAL, Settings, load_settings


@flow(name="backfill")
def backfill(
    inputs: list[str],
    first: dt.date,
    last: dt.date,
    lake: str | None = None,
    workers: int | None = None,
    wait: bool = False,
    runner: str = LOCAL,
    reparse: bool = False,
) -> Backfill:
    """Ingest a range of days, each in a run of its own; days that are done already cost little.

    Args:
        inputs: paths, globs and folders with the date in them, as `{date}` or fields of strftime.
        first: the first day.
        last: the last day.
        lake: folder of the warehouse; default `MARSAD_LAKE`, else `./warehouse`.
        workers: processes that parse; default the cores of the machine.
        wait: wait for another run to end, instead of ending at once.
        runner: `local`, `dask`, or `dask=tcp://host:port` (`marsad.settings.Settings.runner`).
        reparse: take the lake back to before the first of these days, and parse them again.

    Returns:
        What became of each day.

    Raises:
        ConfigError: the inputs or settings are wrong; nothing was touched.
        LakeError: the lake cannot go back so far; nothing was touched.
        LakeLockedError: another run is writing; days before it are published.
    """
    settings = load_settings(lake=Path(lake) if lake else None, workers=workers, runner=runner)
    days = list(plan_days(inputs, first, last))
    if reparse:
        report(Progress("back"))
        roll_back_before(settings, days, wait=wait)
    for number, day in enumerate(days):
        if day.status != NOT_REACHED:
            continue
        report(Progress(str(day.day), steps=number + 1, n_steps=len(days)))
        summary = _run_day(settings, day, wait=wait)
        days[number] = ended(day, summary)
        if stops_at(summary):
            break
    done = Backfill(tuple(days))
    create_table_artifact(
        key="marsad-backfill",
        table=artifact_rows(done.table()),
        description=f"Backfill of {first} to {last}",
    )
    return done


def _run_day(settings: Settings, day: Day, *, wait: bool) -> RunSummary:
    observed = dt.datetime.combine(day.day, dt.time(), dt.UTC)

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        return run_stages(context, list(day.inputs), observed, watch)

    return run_whole(settings, "backfill", stages, wait=wait)


def run_once(
    inputs: list[str],
    first: dt.date,
    last: dt.date,
    settings: Settings,
    *,
    wait: bool = False,
    reparse: bool = False,
) -> Backfill:
    """Run the flow in this process."""
    return backfill(
        inputs,
        first,
        last,
        lake=str(settings.lake),
        workers=settings.workers,
        wait=wait,
        runner=settings.runner,
        reparse=reparse,
    )

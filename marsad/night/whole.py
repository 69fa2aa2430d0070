"""How every run goes, whatever it runs: one lock, one staging folder, one ending."""

from collections.abc import Callable
from dataclasses import replace

from marsad.errors import LakeLockedError, MarsadError, is_interrupt
from marsad.lake.lock import writer_lock
from marsad.night import ends
from marsad.night.context import (
    RunContext,
    Stopwatch,
    close_staging,
    new_context,
    open_staging,
)
from marsad.night.logs import RunLog
from marsad.night.progress import report_waiting
from marsad.night.summary import FAILED, RunSummary
from marsad.night.telling import tell
from marsad.night.workers import open_pool
from marsad.settings import Settings

#: What a run does between its beginning and its end.
Stages = Callable[[RunContext, Stopwatch], RunSummary]


def run_whole(settings: Settings, kind: str, stages: Stages, *, wait: bool = False) -> RunSummary:
    """Run stages under the writer's lock, and see to it that the end is recorded, told and logged.

    Args:
        settings: of the run.
        kind: what is run, as in `ops.runs.kind`.
        stages: do the work and record their own end; what they raise becomes a failed run.
        wait: wait for another run to end, instead of ending at once.

    Raises:
        ConfigError: the settings or the reference data are wrong; nothing was touched.
        LakeLockedError: another run is writing.
        KeyboardInterrupt: a person ended it; what was not published yet is as though it never was.
    """
    run_id = ""
    try:
        context = new_context(settings, kind)
        run_id = context.run_id
        log = RunLog(run_id, kind, is_on=settings.log_format == "json")
        watch = Stopwatch(log)
        with writer_lock(settings.place, wait=wait, on_wait=report_waiting):
            log.write("run_started")
            try:
                open_staging(context)
                with open_pool(settings):
                    summary = stages(context, watch)
            except Exception as error:  # whatever it is, the run is on record
                if is_interrupt(error):
                    raise KeyboardInterrupt from error
                summary = ends.end_failed(context, error)
            finally:
                close_staging(context)
    except MarsadError as error:
        tell_failure(settings, kind, error, run_id=run_id)
        raise
    watch.stop()
    summary = tell(settings, replace(summary, seconds=watch.seconds))
    log.end(summary)
    return summary


def tell_failure(settings: Settings, kind: str, error: MarsadError, *, run_id: str = "") -> None:
    """Tell of a run that could not begin; that another one writes is no reason to wake anybody."""
    if not isinstance(error, LakeLockedError):
        causes = (type(error).__name__,)
        tell(settings, RunSummary(run_id, FAILED, kind=kind, error=str(error), causes=causes))

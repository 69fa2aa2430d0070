"""Segment every keyword line of the lake again, with the model of today."""

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.ending import finish
from flows.tasks import serve
from marsad.lake.publish import Published
from marsad.night import relearned
from marsad.night.context import RunContext, Stopwatch
from marsad.night.summary import RunEndedBadlyError, RunSummary
from marsad.night.whole import run_whole
from marsad.settings import Settings, load_settings


@task(name="relearn", cache_policy=NO_CACHE)
def relearn_lines(context: RunContext) -> int:
    """Learn from all lines and cut them."""
    return relearned.relearn(context)


@task(name="publish", cache_policy=NO_CACHE)
def publish_keywords(context: RunContext) -> Published:
    """Replace the keywords that changed, in one transaction."""
    return relearned.publish(context)


@flow(name="relearn")
def relearn(lake: str | None = None, workers: int | None = None, wait: bool = False) -> RunSummary:
    """Cut all keyword lines again: the result depends on the lines alone, not on their nights.

    Args:
        lake: folder of the warehouse; default `MARSAD_LAKE`, else `./warehouse`.
        workers: processes that cut; default the cores of the machine.
        wait: wait for another run to end, instead of ending at once.

    Raises:
        LakeError: there is no lake.
        RunEndedBadlyError: it failed; the warehouse is as it was.
    """
    settings = load_settings(lake=Path(lake) if lake else None, workers=workers)
    relearned.require_lake(settings)

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        watch.start("relearn")
        watch.count(n_article_keywords=relearn_lines(context))
        watch.start("publish")
        summary = relearned.summary_of(context, publish_keywords(context))
        watch.start("serve")
        return serve(context, summary)

    return finish(run_whole(settings, "relearn", stages, wait=wait))


def run_once(settings: Settings, *, wait: bool = False) -> RunSummary:
    """Run the flow in this process, and return its summary however it ended."""
    try:
        return relearn(lake=str(settings.lake), workers=settings.workers, wait=wait)
    except RunEndedBadlyError as error:
        return error.summary

"""Runs from end to end in this process: every real stage but the published file, and no Prefect."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from marsad.audit.run import REJECTED, VALIDATIONS
from marsad.lake.rejects import Selection
from marsad.night import (
    audited,
    ends,
    ingest,
    replay_reading,
    replayed,
    segmented,
)
from marsad.night.context import RunContext, Stopwatch
from marsad.night.opened import open_staged
from marsad.night.publication import open_publication
from marsad.night.summary import RunSummary
from marsad.night.whole import run_whole
from marsad.night.workers import run_in_worker
from marsad.settings import Settings, load_settings


def settings_of(lake: Path, **environ: str) -> Settings:
    """Settings of a lake, with one worker, and these variables."""
    return load_settings(lake=lake, workers=1, environ=environ)


def run_night(
    settings: Settings,
    inputs: Sequence[Path | str],
    date: dt.date | None = None,
    *,
    is_audited: bool = True,
    workers: Callable[[Settings], AbstractContextManager[int]] = lambda _: nullcontext(1),
) -> RunSummary:
    """Ingest dumps as the nightly flow does.

    Args:
        settings: name the lake.
        inputs: dumps.
        date: of records that have none.
        is_audited: whether the night is judged; one that is not takes half the time.
        workers: open those that parse and cut, and say how many threads keep them busy.
    """
    observed = dt.datetime.combine(date, dt.time(), dt.UTC) if date else None

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        watch.start("parse")
        plan = ingest.discover(context, [str(path) for path in inputs], observed)
        with workers(settings) as n_threads, ThreadPoolExecutor(n_threads) as threads:
            chunks = [
                threads.submit(
                    run_in_worker, ingest.parse_chunk, context.for_workers(), number, n_bytes
                )
                for number, n_bytes in enumerate(plan.chunk_bytes)
            ]
            for chunk in chunks:
                chunk.result()
            dumps = audited.run_dumps(context, plan)
            summary = ends.summary_of(context, plan, dumps)
            watch.count(n_records=summary.n_records)
            if not summary.n_dumps.new:
                return ends.end_idle(context, summary, dumps)
            segmented.segment(context)
        watch.start("audit")
        with open_publication(context, dumps) as publication:
            if is_audited:
                verdict = audited.audit(context, publication.con, publication.begin)
            else:
                verdict = _unjudged(context)
            summary = dataclasses.replace(summary, warnings=verdict.warnings)
            done = None
            if not verdict.blocked:
                watch.start("publish")
                done = publication.commit(len(verdict.warnings))
        if done is None:
            return ends.end_blocked(context, summary, dumps, verdict.blocked)
        return ends.end_published(summary, *done)

    return run_whole(settings, "nightly", stages)


def _unjudged(context: RunContext) -> audited.Verdict:
    REJECTED.to_frame().write_parquet(context.staging / "rejected.parquet")
    VALIDATIONS.to_frame().write_parquet(context.staging / "validations.parquet")
    return audited.Verdict((), (), 0)


def run_replay(settings: Settings, selection: Selection | None = None) -> RunSummary:
    """Try rejects again as the replay flow does."""
    selection = selection or Selection()
    replay_reading.require_rejects(settings, selection)

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        watch.start("read")
        chosen = replay_reading.choose(context, selection)
        errors = [replay_reading.read_part(context, part) for part in chosen.parts]
        dumps, summary = replayed.tried(context, chosen, errors)
        if summary.n_records == summary.n_rejects:
            return ends.end_idle(context, summary, None)
        segmented.segment(context)
        with open_staged(context, dumps) as con:
            verdict = audited.audit(context, con)
        summary = dataclasses.replace(summary, warnings=verdict.warnings)
        if verdict.blocked:
            return ends.end_blocked(context, summary, None, verdict.blocked)
        summary = replayed.publish(context, dumps, summary)
        return summary if summary.snapshot_id else ends.end_idle(context, summary, None)

    return run_whole(settings, "replay", stages)

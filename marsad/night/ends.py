"""The ends of a run: its row in `ops.runs` and its summary, whichever way it went."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from marsad.dumps.plan import Plan
from marsad.errors import AuditBlockedError, MarsadError
from marsad.lake.connect import first_line, full_disk, open_lake
from marsad.lake.migrate import migrate
from marsad.lake.publish import Published, RunRow, record_run
from marsad.night.context import RunContext
from marsad.night.summary import (
    BLOCKED,
    FAILED,
    NOTHING_NEW,
    PUBLISHED,
    DumpCounts,
    RunSummary,
)


def run_row(
    context: RunContext,
    status: str,
    *,
    n_records: int = 0,
    n_rejects: int = 0,
    n_warnings: int = 0,
    error: str | None = None,
) -> RunRow:
    """Return the run's row of `ops.runs`, as of now."""
    return RunRow(
        run_id=context.run_id,
        started_at=context.started_at,
        finished_at=datetime.now(UTC),
        status=status,
        kind=context.kind,
        n_records=n_records,
        n_rejects=n_rejects,
        parser_version=context.parser_version,
        error=error,
        n_warnings=n_warnings,
    )


def summary_of(context: RunContext, plan: Plan, dumps: pl.DataFrame) -> RunSummary:
    """Return the summary as far as it is known once everything is parsed.

    Args:
        plan: what discovery found.
        dumps: rows of `ops.dumps` of this run.
    """
    good = dumps.filter(status="published")
    failed = dumps.filter(status="failed")
    unlisted = [problem for problem in plan.problems if problem.uri not in set(dumps["uri"])]
    return RunSummary(
        run_id=context.run_id,
        status=NOTHING_NEW,
        kind=context.kind,
        n_dumps=DumpCounts(
            new=good.height,
            skipped=plan.dumps.filter(status="skipped").height,
            failed=failed.height + len(unlisted),
        ),
        n_records=int(good["n_records"].sum()),
        n_rejects=int(good["n_rejects"].sum()),
        problems=(*failed["error"].sort().to_list(), *sorted(str(line) for line in unlisted)),
    )


def end_idle(context: RunContext, summary: RunSummary, dumps: pl.DataFrame | None) -> RunSummary:
    """Record a run with nothing to publish: nothing was new, or nothing could be read.

    Args:
        context: the run.
        summary: as far as it is known.
        dumps: what it read, rows of `ops.dumps`; null where it read no dumps for the first time.
    """
    if dumps is not None and summary.n_dumps.failed:
        error = f"no dump could be read: {summary.problems[0]}"
        if summary.n_dumps.failed > 1:
            error += f" (and {summary.n_dumps.failed - 1} more)"
        summary = replace(summary, status=FAILED, error=error, causes=("unreadable_dumps",))
    _record(context, summary, dumps)
    return summary


def end_blocked(
    context: RunContext,
    summary: RunSummary,
    dumps: pl.DataFrame | None,
    reasons: tuple[str, ...],
) -> RunSummary:
    """Record a run that the audit blocked; the dumps are new again for the next run."""
    # A reason begins with its table and the name of its rule.
    causes = tuple(reason.split(": ", 2)[1] for reason in reasons)
    error = str(AuditBlockedError(reasons))
    summary = replace(summary, status=BLOCKED, error=error, causes=causes)
    _record(context, summary, dumps)
    return summary


def end_published(
    summary: RunSummary, published: Published, rejects_by_rule: tuple[tuple[str, int], ...]
) -> RunSummary:
    """Return the summary of a run that was published; its row was written with it."""
    return replace(
        summary,
        status=PUBLISHED,
        snapshot_id=published.snapshot_id,
        n_articles_new=published.n_articles_new,
        n_sightings=published.n_sightings,
        n_related_links=published.n_related_links,
        n_article_keywords=published.n_article_keywords,
        n_rejects=sum(count for _, count in rejects_by_rule),
        rejects_by_rule=rejects_by_rule,
    )


def end_failed(context: RunContext, error: Exception) -> RunSummary:
    """Record a run that an error ended, if the lake can still be written to."""
    line = first_line(error)
    if not isinstance(error, MarsadError):
        line = f"{type(error).__name__}: {line}"
    lake = context.settings.lake
    if full := full_disk(lake):
        line = f"{full}: make some, and run again ({line})"
    summary = RunSummary(
        run_id=context.run_id,
        status=FAILED,
        kind=context.kind,
        error=line,
        causes=(type(error).__name__,),
    )
    # The error may be that the lake cannot be written to: then it is told, and not recorded.
    with contextlib.suppress(Exception):
        _record(context, summary, None)
    return summary


def _record(context: RunContext, summary: RunSummary, dumps: pl.DataFrame | None) -> None:
    """Write the run's row, its failed dumps and what the audit said."""
    validations = context.staging / "validations.parquet"
    row = run_row(
        context,
        summary.status,
        n_records=summary.n_records,
        n_rejects=summary.n_rejects,
        error=summary.error,
        n_warnings=len(summary.warnings),
    )
    with open_lake(context.settings.place, read_only=False) as con:
        migrate(con, context.settings.sql)
        record_run(
            con,
            row,
            dumps=None if dumps is None else dumps.filter(status="failed"),
            validations=pl.read_parquet(validations) if validations.is_file() else None,
        )

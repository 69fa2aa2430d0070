"""Stages that several flows have in common, each with its place in the log of the run."""

import dataclasses

import duckdb

from flows import tasks
from marsad.audit.run import OnRejected, ignore_rejected
from marsad.night.audited import Verdict
from marsad.night.context import RunContext, Stopwatch
from marsad.night.progress import Progress, report
from marsad.night.summary import RunSummary


def segment(context: RunContext, watch: Stopwatch) -> None:
    """Cut the keyword lines that are staged."""
    watch.start("segment")
    watch.count(n_article_keywords=tasks.segment(context))


def audit(
    context: RunContext,
    con: duckdb.DuckDBPyConnection,
    summary: RunSummary,
    watch: Stopwatch,
    on_rejected: OnRejected = ignore_rejected,
) -> tuple[Verdict, RunSummary]:
    """Judge all that is staged.

    Args:
        context: the run.
        con: of `marsad.night.opened.open_staged`.
        summary: what is known so far.
        watch: counts the seconds of each stage.
        on_rejected: as for `marsad.night.audited.audit`.

    Returns:
        The verdict, and the summary with its warnings and the place of Data Docs.
    """
    report(Progress("audit"))
    watch.start("audit")
    verdict = tasks.audit(context, con, on_rejected)
    watch.count(
        n_blocking=len(verdict.blocked),
        n_warnings=len(verdict.warnings),
        n_pages_rejected=verdict.n_rejected,
    )
    docs = str(context.docs_dir / "index.html")
    return verdict, dataclasses.replace(summary, warnings=verdict.warnings, docs=docs)

"""How every flow ends: what it did as artifacts on Prefect's page of the run, and as its state."""

from pathlib import Path

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)

from marsad.console import summary_markdown
from marsad.night.summary import RunEndedBadlyError, RunSummary
from marsad.terminal import plain


def finish(summary: RunSummary) -> RunSummary:
    """Leave summary, rejects, stages and the way to Data Docs on Prefect's page.

    Returns:
        The summary.

    Raises:
        RunEndedBadlyError: the run was blocked or failed.
    """
    run = f"run {summary.run_id}"
    create_markdown_artifact(
        key="marsad-summary",
        markdown=summary_markdown(summary),
        description=f"{summary.kind} {run}: {summary.status}",
    )
    if summary.rejects_by_rule:
        create_table_artifact(
            key="marsad-rejects",
            table=[
                {"rule": plain(rule), "rejects": count} for rule, count in summary.rejects_by_rule
            ],
            description=f"Rejects of {run}, by rule",
        )
    if summary.seconds:
        slowest = sorted(summary.seconds.items(), key=lambda stage: -stage[1])
        create_table_artifact(
            key="marsad-stages",
            table=[{"stage": stage, "seconds": spent} for stage, spent in slowest],
            description=f"Stages of {run}, the slowest first",
        )
    if summary.docs:
        create_link_artifact(
            key="marsad-data-docs",
            link=Path(summary.docs).as_uri(),
            link_text="Data Docs",
            description=f"What the audit of {run} found",
        )
    if not summary.is_good:
        raise RunEndedBadlyError(summary)
    return summary

"""How every flow ends: its summary as an artifact, and as its state."""

from prefect.artifacts import create_markdown_artifact

from marsad.console import summary_markdown
from marsad.night.summary import RunEndedBadlyError, RunSummary


def finish(summary: RunSummary) -> RunSummary:
    """Leave the summary on Prefect's page of the run, and return it.

    Raises:
        RunEndedBadlyError: the run was blocked or failed.
    """
    create_markdown_artifact(
        key="marsad-summary",
        markdown=summary_markdown(summary),
        description=f"Run {summary.run_id}: {summary.status}",
    )
    if not summary.is_good:
        raise RunEndedBadlyError(summary)
    return summary

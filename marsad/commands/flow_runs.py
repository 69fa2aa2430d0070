"""What the commands that run a flow have in common."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from marsad.commands.leash import end_all_with_this_process

if TYPE_CHECKING:
    from marsad.night.summary import RunSummary


def quiet_prefect() -> None:
    """Keep Prefect's own log, which says what the summary says, to those who ask for it.

    And let its temporary server end with this process, should that be killed.
    """
    end_all_with_this_process()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def server_in_use() -> str:
    """Say which Prefect server the run will use."""
    url = os.environ.get("PREFECT_API_URL")
    return f"Prefect server {url}" if url else "a temporary Prefect server (PREFECT_API_URL: yours)"


def end_run(summary: "RunSummary", as_json: bool, lake: Path | None) -> None:
    """Print how a run ended, and end with the code that says so."""
    from marsad.console import print_summary
    from marsad.night.summary import RunEndedBadlyError
    from marsad.terminal import terminal

    if as_json:
        sys.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False) + "\n")
    else:
        print_summary(terminal(), summary, str(lake) if lake else "warehouse")
    if not summary.is_good:
        raise typer.Exit(RunEndedBadlyError.exit_code)

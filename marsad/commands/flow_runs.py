"""What the commands that run a flow have in common."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from marsad.commands.interrupts import interruptible
from marsad.commands.leash import end_all_with_this_process

if TYPE_CHECKING:
    from marsad.night.summary import RunSummary
    from marsad.settings import Settings


@contextmanager
def running_flow(settings: "Settings") -> Iterator[None]:
    """Show the progress of the flow that runs in the block, and say so if Ctrl-C ends it."""
    from marsad.console import run_progress

    # Should this process be killed, let Prefect's temporary server end too.
    end_all_with_this_process()
    # Prefect's own log, which says what the summary says, is for those who ask for it.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    from flows.server import server_of_run

    began = datetime.now(UTC)
    with (
        interruptible(lambda: published_since(settings, began)),
        run_progress(settings, _server_in_use()),
        server_of_run(),
    ):
        yield


def published_since(settings: "Settings", began: datetime) -> str:
    """Say what the lake has of the runs that were interrupted."""
    import duckdb

    from marsad.errors import MarsadError
    from marsad.lake.connect import lake_exists, open_lake
    from marsad.lake.escape import literal

    n_runs = 0
    try:
        if lake_exists(settings.place):
            with open_lake(settings.place) as con:
                found = con.execute(
                    "select count(*) from ops.runs where status = 'published'"
                    f" and started_at >= {literal(began.isoformat())}::timestamptz"
                ).fetchone()
                n_runs = int(found[0]) if found else 0
    except duckdb.CatalogException:
        # A lake that has no tables yet.
        n_runs = 0
    except (MarsadError, duckdb.Error):
        return "`marsad runs` says what was published"
    if not n_runs:
        return "nothing was published"
    runs = "the run was" if n_runs == 1 else f"{n_runs} runs were"
    return f"{runs} published before"


def _server_in_use() -> str:
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

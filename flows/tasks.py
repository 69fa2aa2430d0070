"""Thin Prefect tasks around the stages in `marsad.night`.

Tasks take and return paths and counts, for Prefect looks at what goes in and out. Only what
touches the outside is tried again, and only when the error says that it may help.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import duckdb
from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from marsad.audit.run import OnRejected
from marsad.dumps.plan import Plan
from marsad.errors import MarsadError
from marsad.night import audited, ingest, segmented, served
from marsad.night.context import RunContext
from marsad.night.publication import Done, Publication
from marsad.night.summary import RunSummary
from marsad.night.workers import run_in_worker

R = TypeVar("R")


def _may_help(_task: Task[..., R], _run: TaskRun, state: State[R]) -> bool:
    """Whether to try again: the outside failed, or the error says that it passes."""
    try:
        state.result()
    except MarsadError as error:
        return error.retryable
    except OSError:
        return True
    except Exception:  # noqa: BLE001 - a defect is not mended by trying again
        return False
    return False


@task(
    name="discover",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_may_help,
)
def discover(context: RunContext, inputs: Sequence[str], observed: datetime | None) -> Plan:
    """List and hash the dumps; write the plan of their chunks."""
    return ingest.discover(context, inputs, observed)


@task(
    name="parse",
    task_run_name="parse-{chunk_no}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_may_help,
)
def parse_chunk(context: RunContext, chunk_no: int, n_bytes: int) -> ingest.ChunkResult:
    """Parse one chunk in a worker process."""
    return run_in_worker(ingest.parse_chunk, context, chunk_no, n_bytes)


@task(name="segment", cache_policy=NO_CACHE)
def segment(context: RunContext) -> int:
    """Cut the keyword lines; return the number of keywords."""
    return segmented.segment(context)


@task(name="audit", cache_policy=NO_CACHE)
def audit(
    context: RunContext, con: duckdb.DuckDBPyConnection, on_rejected: OnRejected
) -> audited.Verdict:
    """Run the suites of Great Expectations over what is staged."""
    return audited.audit(context, con, on_rejected)


@task(name="publish", cache_policy=NO_CACHE)
def publish(publication: Publication, n_warnings: int) -> Done:
    """Publish everything in one transaction."""
    return publication.commit(n_warnings)


@task(name="serve", cache_policy=NO_CACHE)
def serve(context: RunContext, summary: RunSummary) -> RunSummary:
    """Build what readers open; a failure is a warning, for the night is published."""
    return served.serve_published(context, summary)

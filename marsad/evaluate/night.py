"""One night from dumps to a published lake, in this process and without a scheduler."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from marsad.errors import AuditBlockedError, LakeError
from marsad.night import audited, ingest, segmented
from marsad.night.context import RunContext, close_staging, new_context, open_staging
from marsad.night.publication import open_publication
from marsad.night.workers import open_pool, run_in_worker
from marsad.settings import Settings


@contextmanager
def open_night(settings: Settings) -> Iterator[RunContext]:
    """Begin a run in a lake that nobody else uses; its staging is gone when the block ends."""
    context = new_context(settings, "evaluate")
    settings.lake.mkdir(parents=True, exist_ok=True)
    open_staging(context)
    try:
        yield context
    finally:
        close_staging(context)


def publish_night(settings: Settings, inputs: Sequence[str]) -> None:
    """Publish dumps into a lake of one's own, by the stages of a night.

    Raises:
        LakeError: not every dump could be read.
        AuditBlockedError: the audit would have stopped this night.
    """
    with open_night(settings) as context:
        with open_pool(settings):
            plan = ingest.discover(context, inputs, None)
            audited.prepare()

            def parse(chunk: tuple[int, int]) -> None:
                run_in_worker(ingest.parse_chunk, context, *chunk)

            with ThreadPoolExecutor(settings.workers) as threads:
                list(threads.map(parse, enumerate(plan.chunk_bytes)))
        dumps = audited.run_dumps(context, plan)
        failed = dumps["error"].drop_nulls().to_list() + [str(line) for line in plan.problems]
        if failed:
            raise LakeError(f"a dump that is to be measured cannot be read: {failed[0]}")
        segmented.segment(context)
        with open_publication(context, dumps) as publication:
            verdict = audited.audit(context, publication.con, publication.begin)
            if verdict.blocked:
                raise AuditBlockedError(verdict.blocked)
            publication.commit(len(verdict.warnings))

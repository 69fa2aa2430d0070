"""A whole night without the orchestration: the stages that the flow runs, one after the other.

    python benchmarks/night.py LAKE INPUT...       a night; the published file is not built
    python benchmarks/night.py --runner WHERE LAKE INPUT...    the same, on a Dask cluster
    python benchmarks/night.py --serve LAKE        the published file of the lake

Workers, memory, catalog and data are those of the environment. Prints one JSON object:
seconds by stage, and what the lake then holds.
"""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from flows.cluster import open_workers
from marsad.lake.connect import open_lake
from marsad.night import audited, ingest, segmented
from marsad.night.context import Stopwatch, close_staging, new_context, open_staging
from marsad.night.publication import open_publication
from marsad.night.workers import open_pool, run_in_worker
from marsad.settings import LOCAL, Settings, load_settings

COUNTS = {
    "pages": "select count(*) from news.pages",
    "second": "select count(*) from news.sightings where role = 'read_also'",
    "links": "select count(*) from news.related_links",
    "articles": "select count(*) from news.articles",
    "keywords": "select count(*) from news.article_keywords",
}


class Night(NamedTuple):
    """What a night took.

    Attributes:
        seconds: by stage.
        staged: bytes that were staged when the workers were done.
    """

    seconds: dict[str, float]
    staged: int


def run_night(settings: Settings, inputs: Sequence[str]) -> Night:
    """Publish a night.

    Raises:
        SystemExit: the audit blocked it.
    """
    context = new_context(settings, "nightly")
    settings.lake.mkdir(parents=True, exist_ok=True)
    open_staging(context)
    watch = Stopwatch()
    with open_pool(settings):
        watch.start("discover")
        plan = ingest.discover(context, inputs, None)
        audited.prepare()
        watch.start("parse")
        with open_workers(settings) as n_threads, ThreadPoolExecutor(n_threads) as threads:
            list(
                threads.map(
                    lambda number: run_in_worker(
                        ingest.parse_chunk,
                        context.for_workers(),
                        number,
                        plan.chunk_bytes[number],
                    ),
                    range(plan.n_chunks),
                )
            )
            dumps = audited.run_dumps(context, plan)
            watch.start("segment")
            segmented.segment(context)
            staged = sum(path.stat().st_size for path in context.staging.rglob("*.parquet"))
            watch.start("close")
        watch.start("audit")
        with open_publication(context, dumps) as publication:
            verdict = audited.audit(context, publication.con, publication.begin)
            if verdict.blocked:
                raise SystemExit(f"blocked: {verdict.blocked}")
            watch.start("publish")
            publication.commit(len(verdict.warnings))
    close_staging(context)
    watch.stop()
    return Night(watch.seconds, staged)


def main(lake: Path, inputs: Sequence[str], runner: str = LOCAL) -> None:
    settings = load_settings(lake=lake, runner=runner)
    night = run_night(settings, inputs)
    with open_lake(settings.place) as con:
        counts = {name: con.sql(query).fetchall()[0][0] for name, query in COUNTS.items()}
    print(json.dumps({**night._asdict(), **counts}))


def main_serve(lake: Path) -> None:
    from marsad.night.served import serve

    served = serve(load_settings(lake=lake))
    print(json.dumps({"seconds": {"serve": served.seconds}, "n_bytes": served.n_bytes}))


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        main_serve(Path(sys.argv[2]))
    elif sys.argv[1] == "--runner":
        main(Path(sys.argv[3]), sys.argv[4:], sys.argv[2])
    else:
        main(Path(sys.argv[1]), sys.argv[2:])

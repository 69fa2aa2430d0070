"""A whole night without the orchestration: the stages that the flow runs, one after the other.

    python benchmarks/night.py LAKE WORKERS INPUT...

Prints one JSON object: seconds by stage, and what the lake then holds.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marsad.lake.connect import open_lake
from marsad.night import audited, ingest, publication, segmented
from marsad.night.context import Stopwatch, close_staging, new_context, open_staging
from marsad.night.workers import open_pool, run_in_worker
from marsad.settings import load_settings

COUNTS = {
    "pages": "select count(*) from news.pages",
    "second": "select count(*) from news.sightings where role = 'read_also'",
    "links": "select count(*) from news.related_links",
    "articles": "select count(*) from news.articles",
    "keywords": "select count(*) from news.article_keywords",
}


def main(lake: Path, workers: int, inputs: list[str]) -> None:
    settings = load_settings(lake=lake, workers=workers)
    context = new_context(settings, "nightly")
    open_staging(context)
    watch = Stopwatch()
    with open_pool(workers):
        watch.start("discover")
        plan = ingest.discover(context, inputs, None)
        audited.prepare()
        watch.start("parse")
        with ThreadPoolExecutor(16) as threads:
            list(
                threads.map(
                    lambda number: run_in_worker(
                        ingest.parse_chunk, context, number, plan.chunk_bytes[number]
                    ),
                    range(plan.n_chunks),
                )
            )
        dumps = audited.run_dumps(context, plan)
        watch.start("segment")
        segmented.segment(context)
        watch.start("audit")
        verdict = audited.audit(context, dumps)
        assert not verdict.blocked, verdict.blocked
        watch.start("publish")
        publication.publish(context, dumps, len(verdict.warnings))
    close_staging(context)
    watch.stop()
    with open_lake(lake) as con:
        counts = {name: con.sql(query).fetchall()[0][0] for name, query in COUNTS.items()}
    print(json.dumps({"seconds": watch.seconds, **counts}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

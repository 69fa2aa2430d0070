"""dlt merges the parsed pages into DuckDB.

python dlt_duckdb.py INPUT OUT
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import orjson
from page_parser import Page, parse_page


def main(source: Path, out: Path) -> None:
    @dlt.resource(name="pages", primary_key="url", write_disposition="merge")
    def pages() -> Iterator[list[Page]]:
        batch = []
        with source.open("rb") as lines:
            for line in lines:
                record = orjson.loads(line)
                batch.append({"url": record["url"], **parse_page(record["text"])})
                if len(batch) == 1000:
                    yield batch
                    batch = []
        yield batch

    pipeline = dlt.pipeline(
        "pages",
        pipelines_dir=str(out / "dlt"),
        destination=dlt.destinations.duckdb(str(out / "dlt.duckdb")),
        dataset_name="news",
    )
    pipeline.run(pages())
    with pipeline.sql_client() as client:
        counts = [
            client.execute_sql(query)[0][0]
            for query in (
                "select count(*) from pages",
                "select count(second_body) from pages",
                "select count(*) from pages__links",
            )
        ]
    print(json.dumps(dict(zip(("pages", "second", "links"), counts, strict=True))))


main(Path(sys.argv[1]), Path(sys.argv[2]))

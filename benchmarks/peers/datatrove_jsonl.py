"""datatrove cuts the pages into sections with two workers, and writes JSON Lines.

    python datatrove_jsonl.py INPUT OUT

INPUT is a folder: datatrove shares whole files out, so the driver makes two of one.
"""

import json
import sys
from pathlib import Path

from datatrove.data import DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from page_parser import parse_page


class Sections(PipelineStep):
    """Put a page's sections into its metadata."""

    name = "sections"

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data or ():
            page = parse_page(document.text)
            document.text = page.pop("body")
            document.metadata |= page
            yield document


if __name__ == "__main__":
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    LocalPipelineExecutor(
        [
            JsonlReader(str(source), id_key="url"),
            Sections(),
            JsonlWriter(str(out / "sections"), compression=None),
        ],
        tasks=2,
        workers=2,
        logging_dir=str(out / "logs"),
    ).run()
    counts = {"pages": 0, "second": 0, "links": 0}
    for path in sorted((out / "sections").glob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                metadata = json.loads(line)["metadata"]
                counts["pages"] += 1
                counts["second"] += metadata.get("second_body") is not None
                counts["links"] += len(metadata.get("links") or ())
    print(json.dumps(counts))

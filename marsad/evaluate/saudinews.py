"""SaudiNewsNet: real articles with real fields and no page furniture, so every label is false."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from marsad.dumps.fields import load_fields
from marsad.dumps.read import read_chunk
from marsad.evaluate.night import open_night
from marsad.evaluate.score import ITEMS, Score, Tally, one_a_key
from marsad.ids import hash_id
from marsad.night import ingest
from marsad.parse.page import parse_records, read_pages
from marsad.parse.rules import Rules
from marsad.reference import load_rules, reference_files
from marsad.settings import Settings

CORPUS: Final = "SaudiNewsNet"
FIELDS: Final = ("title", "source", "language")
#: What pages have and these articles have not: the reader's column, and what it would be.
LABELS: Final = {
    "source": "false_source_line",
    "keywords": "false_keyword_line",
    "read_also": "false_read_also",
    "links": "false_related_links",
}
_ARABIC_WORD: Final = re.compile("[ء-ي]{3}")


def measure(folder: Path, settings: Settings) -> list[Score]:
    """Measure titles, sources and language, and count the labels that were found in prose.

    Args:
        folder: of the days, one zip each.
        settings: whose lake is a folder of one's own.
    """
    days = sorted(folder.glob("*.zip"))
    rules = load_rules(settings)
    fields = load_fields(reference_files(settings, "fields.csv"))
    found = []
    with open_night(settings) as context:
        plan = ingest.discover(context, [str(day) for day in days], None)
        for chunk_no in range(plan.n_chunks):
            batches = read_chunk(context.plan_path, chunk_no, limits=settings.limits, fields=fields)
            found += [_found(batch.records, rules) for batch in batches]
        dump_ids = {Path(uri).name: dump_id for uri, dump_id in plan.dumps["uri", "dump_id"].rows()}
    true = [item for day in days for item in _true(day, dump_ids[day.name])]
    tally = Tally(CORPUS, [*FIELDS, *LABELS.values()])
    tally.add(pl.DataFrame(true, schema=ITEMS, orient="row"), pl.concat(found))
    return tally.scores()


def _true(day: Path, dump_id: str) -> Iterator[tuple[str, str, int, str]]:
    """Read a day by the standard library alone."""
    with zipfile.ZipFile(day) as archive:
        for member in archive.namelist():
            for record_no, record in enumerate(json.loads(archive.read(member)), 1):
                if not record["content"].strip():
                    continue  # has no text, and so is no article
                page_id = hash_id(dump_id, member, str(record_no))
                for field in ("title", "source"):
                    if record[field].strip():
                        yield field, page_id, 1, record[field].strip()
                if _ARABIC_WORD.search(record["content"]):
                    yield "language", page_id, 1, "ar"


def _found(records: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    parsed = parse_records(records, rules)
    language = parsed.articles.select("page_id", "role", "language")
    main = (
        parsed.sightings.filter(role="main")
        .rename({"title_raw": "title", "source_raw": "source"})
        .join(language, on=["page_id", "role"], how="left")
    )
    # The field `source` of a record hides a line of that name: the reader shows it.
    pages, texts, links = read_pages(records, rules)
    read = pages.select(
        "page_id",
        "source",
        "keywords",
        read_also=pl.col("page").is_in(texts.filter("second")["page"].implode()),
        links=pl.col("page").is_in(links["page"].implode()),
    ).with_columns(pl.when(name).then(pl.lit("yes")).alias(name) for name in ("read_also", "links"))
    return pl.concat(
        [
            one_a_key(main, "page_id", FIELDS),
            one_a_key(
                read.select("page_id", *LABELS).rename(LABELS), "page_id", list(LABELS.values())
            ),
        ]
    )

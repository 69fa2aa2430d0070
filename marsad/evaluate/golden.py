"""The golden pages: what every field of each has to be, written by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NotRequired, TypedDict, cast

import polars as pl

from marsad import schema
from marsad.errors import ConfigError
from marsad.evaluate.found import LINKS, PAGE_FIELDS, page_items
from marsad.evaluate.score import ITEMS, Score, Tally
from marsad.ids import hash_bytes, hash_id
from marsad.parse.arabic import fold
from marsad.parse.page import parse_records
from marsad.parse.rules import Rules

CORPUS: Final = "golden pages"
REJECTED: Final = "rejected"
#: All of a page at once: one wrong field, and the page is wrong.
WHOLE: Final = "whole page"

_OBSERVED: Final = datetime(2025, 5, 1, tzinfo=UTC)
_DUMP: Final = "golden"
_EMPTY: Final[tuple[str, ...]] = ()


class GoldenArticle(TypedDict):
    """One article of a golden page."""

    role: str
    title: str | None
    source: str | None
    paragraphs: list[str]
    keywords_raw: NotRequired[str]


class Golden(TypedDict, total=False):
    """What a golden page's JSON may hold; `tests/pages/README.md` says what each means."""

    record: dict[str, str]
    title: str
    publisher: str
    author: str
    published_at: str
    updated_at: str
    articles: list[GoldenArticle]
    related_links: list[str]
    signature: list[str]
    promotion: list[str]
    contact: list[str]
    rejected: str


def measure(folder: Path, rules: Rules) -> list[Score]:
    """Measure every field on the golden pages.

    Args:
        folder: pairs of `<name>.txt` and `<name>.json`.
        rules: what the parser knows.

    Raises:
        ConfigError: no pages are there.
    """
    names = sorted(path.stem for path in folder.glob("*.json"))
    if not names:
        raise ConfigError(f"no golden pages in {folder}")
    records: list[dict[str, object]] = []
    true: list[tuple[str, str, int, str]] = []
    for record_no, name in enumerate(names, 1):
        golden = cast(Golden, json.loads((folder / f"{name}.json").read_text("utf-8")))
        text = (folder / f"{name}.txt").read_bytes().decode()
        records.append(_record(record_no, text, golden.get("record")))
        true += _true(hash_id(_DUMP, "", str(record_no)), golden)
    there = pl.DataFrame(true, schema=ITEMS, orient="row")
    found = _found(pl.DataFrame(records, schema=schema.RECORDS), rules)
    tally = Tally(CORPUS, [*PAGE_FIELDS, LINKS, REJECTED])
    tally.add(there, found)
    wrong = pl.concat(
        [
            there.join(found, on=ITEMS.names(), how="anti", nulls_equal=True),
            found.join(there, on=ITEMS.names(), how="anti", nulls_equal=True),
        ]
    )
    n_right = len(names) - wrong["key"].n_unique()
    return [Score(CORPUS, WHOLE, len(names), len(names), n_right), *tally.scores()]


def _true(page: str, golden: Golden) -> Iterator[tuple[str, str, int, str]]:
    for field, value in (
        ("title", golden.get("title")),
        ("publisher", golden.get("publisher")),
        ("author", golden.get("author")),
        ("published_at", _time(golden.get("published_at"))),
        ("updated_at", _time(golden.get("updated_at"))),
        ("signature", "\n".join(golden.get("signature", _EMPTY))),
        ("promotion", "\n".join(golden.get("promotion", _EMPTY))),
        ("contact", "\n".join(golden.get("contact", _EMPTY))),
        (REJECTED, golden.get("rejected")),
    ):
        if value:
            yield field, page, 1, value
    for article in golden.get("articles", []):
        second = "" if article["role"] == "main" else "read_also_"
        body = "\n\n".join(article["paragraphs"])
        values = {
            "source": article["source"],
            "body": hash_bytes(fold(body).encode()),
            "body_as_printed": body,
            "keyword_line": article.get("keywords_raw"),
        }
        if second:
            values["title"] = article["title"]
        for name, text in values.items():
            if text:
                yield second + name, page, 1, text
    for position, title in enumerate(golden.get("related_links", []), 1):
        yield LINKS, page, position, title


def _time(text: str | None) -> str | None:
    """Write a time of the JSON as Polars writes it."""
    if text is None:
        return None
    return str(pl.Series([datetime.fromisoformat(text)], dtype=schema.UTC).cast(pl.String).item())


def _record(record_no: int, text: str, fields: dict[str, str] | None) -> dict[str, object]:
    return {
        "dump_id": _DUMP,
        "record_no": record_no,
        "byte_offset": 0,
        "observed_default": _OBSERVED,
        "kind": "page" if fields is None else "article",
        "text": text,
        **(fields or {}),
    }


def _found(records: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    parsed = parse_records(records, rules)
    items = page_items(parsed.pages, parsed.sightings, parsed.articles, parsed.related_links)
    rejected = parsed.rejects.select(
        pl.lit(REJECTED).alias("field"),
        pl.Series("key", [hash_id(_DUMP, "", str(n)) for n in parsed.rejects["record_no"]]),
        pl.lit(1, pl.Int64).alias("position"),
        pl.col("rule").alias("value"),
    )
    return pl.concat([items, rejected])

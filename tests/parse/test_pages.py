"""Golden pages: every text in `tests/pages` parses exactly as its JSON says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from marsad import schema
from marsad.parse.page import parse_records
from marsad.parse.rules import Rules
from marsad.reference import load_rules
from marsad.settings import load_settings

PAGES = Path(__file__).parent.parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.txt"))
OBSERVED = datetime(2025, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(load_settings(environ={}))


def one_record(text: str, fields: dict[str, str] | None) -> pl.DataFrame:
    row = {"dump_id": "d", "record_no": 1, "byte_offset": 0, "observed_default": OBSERVED}
    row |= {"kind": "page" if fields is None else "article", "text": text, **(fields or {})}
    return pl.DataFrame([row], schema=schema.RECORDS)


def as_golden(parsed: Any) -> dict[str, Any]:
    """Bring what was parsed to the form of the JSON, leaving out what is empty."""
    golden: dict[str, Any] = {}
    if parsed.rejects.height:
        return {"rejected": parsed.rejects["rule"].item()}
    page = parsed.pages.row(0, named=True)
    golden["title"] = page["title"]
    golden["publisher"] = page["publisher_raw"]
    golden["author"] = page["author"]
    for name in ("published_at", "updated_at"):
        golden[name] = page[name] and page[name].isoformat()
    for name in ("signature", "promotion", "contact"):
        golden[name] = page[name] and page[name].split("\n")
    bodies = {
        (article_id, role): body
        for article_id, role, body in parsed.articles.select(
            "article_id", "role", "body"
        ).iter_rows()
    }
    golden["articles"] = [
        {
            "role": row["role"],
            "title": row["title_raw"],
            "source": row["source_raw"],
            "paragraphs": bodies[row["article_id"], row["role"]].split("\n\n"),
        }
        | ({"keywords_raw": row["keywords_raw"]} if row["keywords_raw"] is not None else {})
        for row in parsed.sightings.sort("role").iter_rows(named=True)
    ]
    golden["related_links"] = parsed.related_links.sort("position")["title"].to_list()
    return {name: value for name, value in golden.items() if value}


@pytest.mark.parametrize("name", NAMES)
def test_page_parses_as_written_down(name: str, rules: Rules) -> None:
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    text = (PAGES / f"{name}.txt").read_bytes().decode()
    parsed = parse_records(one_record(text, expected.pop("record", None)), rules)
    assert as_golden(parsed) == expected


def test_there_are_pages_and_each_has_its_golden() -> None:
    assert len(NAMES) >= 40
    assert sorted(path.stem for path in PAGES.glob("*.json")) == NAMES

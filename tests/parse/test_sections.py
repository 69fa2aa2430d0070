"""Sections: properties that hold on any page, and the real days as a negative set."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad import schema
from marsad.errors import ConfigError
from marsad.ids import hash_bytes
from marsad.parse.arabic import fold
from marsad.parse.candidates import find_candidates
from marsad.parse.labels import KEYWORDS, READ_ALSO, RELATED, SOURCE, USER, Label, compile_labels
from marsad.parse.lines import split_lines
from marsad.parse.page import Parsed, parse_records
from marsad.parse.rules import Rules
from marsad.parse.sections import Section, find_sections
from marsad.reference import load_rules
from marsad.settings import Settings, load_settings

OBSERVED = datetime(2025, 5, 1, tzinfo=UTC)
SENTENCE = "أعلنت وزارة النقل في المدينة الساحلية، صباح الأحد، افتتاح خط جديد يربط الميناء بالبلد."


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(load_settings(environ={}))


def records(texts: list[str], **fields: list[str | None]) -> pl.DataFrame:
    rows = pl.DataFrame({"text": texts, **fields}).with_columns(
        dump_id=pl.lit("d"),
        record_no=pl.int_range(1, pl.len() + 1),
        byte_offset=pl.lit(0),
        kind=pl.lit("article" if fields else "page"),
        observed_default=OBSERVED,
    )
    missing = [pl.lit(None).alias(name) for name in schema.RECORDS if name not in rows.columns]
    rows = rows.with_columns(missing)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema.RECORDS.items())


def assert_consistent(parsed: Parsed, n_records: int) -> None:
    """Every record is accounted for, every frame has its schema, no row is an orphan."""
    for name, frame in parsed.tables().items():
        assert frame.schema == schema.STAGED[name], name
    assert parsed.pages.height + parsed.rejects.height == n_records
    articles = set(parsed.articles["article_id"])
    assert set(parsed.sightings["article_id"]) == articles
    pages = set(parsed.pages["page_id"])
    assert set(parsed.sightings["page_id"]) == pages
    assert set(parsed.related_links["page_id"]) <= pages
    assert parsed.related_links.select("page_id", "position").is_unique().all()
    named = set(parsed.sources["source_id"])
    assert set(parsed.sighting_sources["source_id"]) <= named
    assert set(parsed.citations["source_id"]) <= named
    for article_id, body in parsed.articles.select("article_id", "body").iter_rows():
        assert article_id == hash_bytes(fold(body).encode())


LABEL_WORDS = ["المصدر", "كلمات دلالية", "إقرأ أيضاً", "user", "مقالات مشابهة", "تاريخ النشر"]
LINES = st.one_of(
    st.sampled_from(LABEL_WORDS).flatmap(
        lambda label: st.sampled_from(
            [label, f"{label}:", f"{label}: رويترز", f"{label} ({label})"]
        )
    ),
    st.sampled_from(
        [SENTENCE, "محمد عثمان", "شبكة ..", "• رابط", "2025-04-03@04:17:41 GMT", "a@b.co"]
    ),
    st.text(max_size=40),
    st.sampled_from(["", " ", "\u200f", "…", "***", "\u00a0"]),
)


@settings(max_examples=150, deadline=None)
@given(pages=st.lists(st.lists(LINES, max_size=12), min_size=1, max_size=4))
def test_any_page_is_accounted_for(rules: Rules, pages: list[list[str]]) -> None:
    texts = ["\n".join(lines).encode(errors="replace").decode() for lines in pages]
    assert_consistent(parse_records(records(texts), rules), len(texts))


@settings(max_examples=60, deadline=None)
@given(pages=st.lists(st.lists(LINES, max_size=10), min_size=2, max_size=4))
def test_a_page_parses_alike_alone_and_among_others(rules: Rules, pages: list[list[str]]) -> None:
    texts = ["\n".join(lines).encode(errors="replace").decode() for lines in pages]
    together = records(texts)
    whole = parse_records(together, rules)
    parts = [parse_records(together[i : i + 1], rules) for i in range(len(texts))]
    for name in ("pages", "sightings", "related_links", "rejects"):
        one_by_one = pl.concat([part.tables()[name] for part in parts])
        assert whole.tables()[name].sort(pl.all()).equals(one_by_one.sort(pl.all())), name


def test_no_records_give_empty_tables(rules: Rules) -> None:
    assert_consistent(parse_records(records([]), rules), 0)


def test_same_text_on_two_pages_is_one_article_with_two_sightings(rules: Rules) -> None:
    parsed = parse_records(records([SENTENCE, f"{SENTENCE}\n\nالمصدر: رويترز"]), rules)
    assert parsed.articles["article_id"].n_unique() == 1
    assert (parsed.articles.height, parsed.sightings.height) == (2, 2)


def test_no_line_is_lost(rules: Rules) -> None:
    texts = [path.read_bytes().decode() for path in sorted(PAGES.glob("*.txt"))]
    lines = split_lines(pl.Series(texts))
    found = find_sections(lines, rules.labels)
    assert len(found.section) == lines.table.height
    assert set(found.section) <= set(Section)


PAGES = Path(__file__).parent.parent / "pages"


def test_a_rejected_record_keeps_its_raw_form_cut_to_the_limit(rules: Rules) -> None:
    label = "المصدر: " + "ا" * 100_000
    parsed = parse_records(records([label[:20] + "\n"]), rules)
    assert parsed.rejects["raw"].item() == label[:20] + "\n"
    assert parsed.rejects["raw_form"].item() == "page"
    parsed = parse_records(records([" " * 100_000]), rules)
    assert len(parsed.rejects["raw"].item()) == rules.raw_bytes
    assert parsed.rejects["raw_form"].item() is None
    given = records([""], title=["عنوان"], source=["رويترز"])
    assert json.loads(parse_records(given, rules).rejects["raw"].item()) == {
        "kind": "article",
        "text": "",
        "title": "عنوان",
        "source": "رويترز",
    }


def test_an_impossible_date_is_null_with_a_warning(rules: Rules) -> None:
    page = f"موقع النيلين:\nعنوان\nتاريخ النشر: 31st, February 2024 GMT\n{SENTENCE}"
    pages = parse_records(records([page]), rules).pages
    assert pages["published_at"].item() is None
    assert pages["warnings"].item().to_list() == ["impossible_date"]


@pytest.mark.parametrize(
    ("line", "label", "value"),
    [
        pytest.param("المصدر: رويترز", "المصدر", "رويترز", id="colon"),
        pytest.param("المصدر ( المدينة نيوز )", "المصدر", "المدينة نيوز", id="brackets"),
        pytest.param("الـمَصدر…رويترز", "المصدر", "رويترز", id="tatweel, mark, dots"),
        pytest.param("إِقْرَأ أَيْضاً:عنوان", "اقرا ايضا", "عنوان", id="glued"),
    ],
)
def test_a_value_is_what_follows_the_label(line: str, label: str, value: str) -> None:
    labels = compile_labels([Label("source", label)])
    lines = pl.DataFrame({"text": [line], "folded": [fold(line)]})
    assert find_candidates(lines, labels)["value"].to_list() == [value]


def test_a_users_labels_are_merged_over_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "kind,label,bare,note\nsource,منبع الخبر,,a site's own\nnone,وسوم,,not here\n"
    )
    rules = load_rules(load_settings(environ={"MARSAD_REFERENCE": str(tmp_path)}))
    text = f"{SENTENCE}\n\nوسوم: نقل\n\nمنبع الخبر: رويترز"
    sighting = parse_records(records([text]), rules).sightings.row(0, named=True)
    assert (sighting["source_raw"], sighting["keywords_raw"]) == ("رويترز", None)
    assert rules.parser_version != load_rules(load_settings(environ={})).parser_version


@pytest.mark.parametrize(
    ("table", "message"),
    [
        pytest.param("kind,label\nsource,x\n", "no column 'bare'", id="column"),
        pytest.param("kind,label,bare\nsauce,x,\n", "'sauce'", id="kind"),
        pytest.param("kind,label,bare\nsource,…,\n", "no letters", id="letters"),
        pytest.param("kind,label,bare\nsource,x,maybe\n", "'maybe'", id="bare"),
        pytest.param("kind,label,bare\nsource,x\n", "line 2", id="short row"),
    ],
)
def test_a_bad_label_file_is_refused_in_one_line(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "labels.csv").write_text(table)
    bad: Settings = load_settings(environ={"MARSAD_REFERENCE": str(tmp_path)})
    with pytest.raises(ConfigError) as error:
        load_rules(bad)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.shared
def test_real_articles_keep_titles_and_sources_and_get_no_section(
    shared: Path, rules: Rules
) -> None:
    for path in sorted((shared / "corpora" / "saudinewsnet").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            rows = [row for name in archive.namelist() for row in json.loads(archive.read(name))]
        names = {"text": "content", "title": "title", "source": "source"}
        given = {new: [row[old] or "" for row in rows] for new, old in names.items()}
        batch = records(given.pop("text"), **given)
        parsed = parse_records(batch, rules)
        assert_consistent(parsed, len(rows))
        assert parsed.sightings.height + parsed.rejects.height == len(rows)
        blank = batch.filter(pl.col("text").str.strip_chars() == "")
        assert parsed.rejects["record_no"].sort().equals(blank["record_no"])
        assert parsed.related_links.is_empty()
        assert parsed.sightings["keywords_raw"].null_count() == parsed.sightings.height
        kept = parsed.pages.select("page_id", "record_no").join(parsed.sightings, on="page_id")
        both = kept.join(batch, on="record_no")
        assert (both["title_raw"] == both["title"].str.strip_chars()).all()
        assert (both["source_raw"] == both["source"]).all()
        kinds = find_sections(split_lines(batch["text"]), rules.labels).labels["kind"]
        false = {SOURCE, KEYWORDS, READ_ALSO, RELATED, USER}
        assert not false & set(kinds)

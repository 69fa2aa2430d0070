"""Raw sources become the sources they mean."""

import csv
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from marsad.ids import hash_id
from marsad.parse.arabic import fold
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import KINDS
from marsad.parse.source_values import mentions_of
from marsad.parse.sources import resolve_sources
from marsad.reference import load_rules
from marsad.schema import SOURCES
from marsad.settings import PROJECT_DIR, load_settings

REFERENCE = PROJECT_DIR / "data" / "reference"
COUNTRIES = {
    *("AE", "AT", "AU", "BE", "BH", "CH", "CN", "CZ", "DE", "DJ", "DZ", "EG", "ES", "FR", "GB"),
    *("HK", "IL", "IN", "IQ", "IR", "IT", "JO", "JP", "KP", "KR", "KW", "LB", "LY", "MA", "MR"),
    *("NL", "OM", "PK", "PS", "PT", "QA", "RU", "SA", "SD", "SO", "SY", "TN", "TR", "US", "VA"),
    "YE",
}


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def index() -> SourceIndex:
    return load_rules(load_settings(environ={})).sources


def slugs(raw: str, index: SourceIndex) -> list[str]:
    """The sources' slugs; an unknown one as `?name`."""
    return [m.known.slug if m.known else f"?{m.name}" for m in mentions_of(raw, index)]


def test_every_row_of_the_list_is_well_formed() -> None:
    rows = table("sources.csv")
    assert len(rows) >= 400
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"]), row
        assert row["kind"] in KINDS, row
        assert not row["country"] or row["country"] in COUNTRIES, row
        assert row["name"] == row["name"].strip() != "", row
        assert row["name_en"], row
        domain = row["domain"]
        assert not domain or re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}(/[a-z]+)?", domain), row
        assert not domain.startswith("www."), row


def test_no_two_rows_claim_one_name_or_domain() -> None:
    owner: dict[str, str] = {}
    for row in table("sources.csv"):
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            assert owner.setdefault(fold(name), row["id"]) == row["id"], name
    domains = [row["domain"] for row in table("sources.csv") if row["domain"]]
    assert len(set(domains)) == len(domains)


def test_source_words_have_known_roles() -> None:
    around = {"category", "label", "tail", "noise", "country", "place", "common"}
    citing = {"verb", "speech", "between", "affiliation", "anchor", "wire"}
    for row in table("source_words.csv"):
        assert row["role"] in around | citing, row
        if row["role"] == "category":
            assert set(filter(None, row["value"].split("|"))) <= KINDS, row


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("سكاي نيوز عربية", ["skynews-arabia"], id="as the list has it"),
        pytest.param("موقع النيلين", ["alnilin"], id="category word before"),
        pytest.param("شبكة انباء العراق ..", ["iraq-news-network"], id="hamza and trailing dots"),
        pytest.param("رويترز + وكالات", ["reuters", "agencies"], id="plus agencies"),
        pytest.param("السوسنة - وكالات", ["alsosna", "agencies"], id="dash agencies"),
        pytest.param("صحيفة غراس - واس", ["ghrass", "spa"], id="dash agency"),
        pytest.param("صحيفة غراس _ الرياض", ["ghrass"], id="underscore town"),
        pytest.param("صحيفة صدى - مال واعمال", ["slaati"], id="dash section"),
        pytest.param("«عكاظ» (جدة) okaz_online@", ["okaz"], id="quotes, town, handle"),
        pytest.param("«الاقتصادية» من الرياض", ["aleqtisadiya"], id="quoted, then words"),
        pytest.param("واس ورويترز", ["spa", "reuters"], id="joined by and"),
        pytest.param("رويترز ووكالات", ["reuters", "agencies"], id="and agencies"),
        pytest.param("أ ف ب/رويترز", ["afp", "reuters"], id="slash"),
        pytest.param("واس مكة المكرمة", ["spa"], id="agency, then town"),
        pytest.param("مصدر صحيفة البيان", ["albayan-ae"], id="label inside the value"),
        pytest.param("( المدينة نيوز )", ["almadenah-news"], id="brackets around"),
        pytest.param("صـحـيـفـة الـجـزيـرة", ["aljazirah"], id="tatweel"),
        pytest.param("جريده الرياض", ["alriyadh"], id="ha for ta marbuta"),
        pytest.param("ALRIYADH", ["alriyadh"], id="Latin in capitals"),
        pytest.param("&nbsp;رويترز (نيويورك)", ["reuters"], id="HTML entity"),
        pytest.param("https://www.bbc.com/arabic/articles/x", ["bbc-arabic"], id="URL with path"),
        pytest.param("m.youm7.com", ["youm7"], id="mobile domain"),
        pytest.param("https://example.news/a", ["?example.news"], id="unknown domain"),
        pytest.param("الجزيرة", ["aljazeera"], id="shared name: the commonest"),
        pytest.param("الجزيرة (السعودية)", ["aljazirah"], id="shared name: country decides"),
        pytest.param("صحيفة الوطن البحرينية", ["alwatan-bh"], id="shared name: adjective decides"),
        pytest.param("النهار (الكويتية)", ["annahar-kw"], id="country in brackets"),
        pytest.param("صحيفة الرياض السعودية", ["alriyadh"], id="country that agrees"),
        pytest.param("الوطن", ["?الوطن"], id="shared name that nobody may claim"),
        pytest.param("قناة الغد", ["alghad-tv"], id="category tells two sources apart"),
        pytest.param("صحيفة الغد", ["alghad-jo"], id="category tells two sources apart, other"),
        pytest.param("قناة عكاظ", ["?عكاظ"], id="category of another kind"),
        pytest.param("شبكة كذا نيوز ..", ["?كذا نيوز"], id="unknown, display form kept"),
        pytest.param("صحيفة كذا - بغداد", ["?كذا"], id="unknown, with town"),
        pytest.param("الرياض", ["alriyadh"], id="town's name alone in the field"),
        pytest.param("متابعات", [], id="follow-ups"),
        pytest.param("الاسم *", [], id="label of a form"),
        pytest.param("admin", [], id="account"),
        pytest.param("..", [], id="nothing but dots"),
        pytest.param("2024", [], id="number"),
        pytest.param("قال " * 40, [], id="prose"),
    ],
)
def test_raw_source(raw: str, expected: list[str], index: SourceIndex) -> None:
    assert slugs(raw, index) == expected


def test_unknown_source_is_one_whatever_category_it_is_printed_with(index: SourceIndex) -> None:
    values = pl.Series(["صحيفة كذا نيوز", "كذا نيوز", "موقع كذا نيوز ..", None, "رويترز"])
    resolved = resolve_sources(values, index)
    assert resolved.sources.schema == SOURCES
    assert resolved.links.schema == {"source_raw": pl.String(), "source_ids": pl.List(pl.String())}
    assert resolved.links["source_raw"].to_list() == sorted(set(values.drop_nulls()))
    unknown = resolved.sources.filter(~pl.col("is_known"))
    assert unknown.rows() == [
        (hash_id("source", "", "كذا نيوز"), "كذا نيوز", None, None, None, None, False)
    ]
    known = resolved.sources.filter("is_known").row(0, named=True)
    assert (known["source_id"], known["kind"]) == (hash_id("source", "reuters"), "agency")


def test_a_name_holds_no_control_character(index: SourceIndex) -> None:
    # "Network of the Two Palms", which no row has.
    resolved = resolve_sources(pl.Series(["شبكة\0النخلتين\x07", "\0"]), index)
    assert resolved.sources["name"].to_list() == ["النخلتين"]


def test_no_values_give_empty_tables(index: SourceIndex) -> None:
    resolved = resolve_sources(pl.Series([], dtype=pl.String()), index)
    assert resolved.links.is_empty()
    assert resolved.sources.schema == SOURCES


def test_a_users_row_takes_over_a_name() -> None:
    columns = ["id", "name", "name_en", "kind", "country", "domain", "aliases"]
    rows = [
        ("a", "الأولى", "First", "portal", "", "", "الاسم الشائع"),
        ("b", "الثانية", "Second", "portal", "", "", "الاسم الشائع"),
    ]
    sources = pl.DataFrame(rows, schema=columns, orient="row")
    words = pl.DataFrame(schema={"word": pl.String, "role": pl.String, "value": pl.String})
    index = SourceIndex.build(sources, words, pl.DataFrame({"text": [""]}))
    assert slugs("الاسم الشائع", index) == ["b"]


@pytest.mark.parametrize("raw", ["\x00", "\ud800", "(" * 70, "- - -", "@@", "و" * 60, "+ / ،"])
def test_hostile_values_do_not_raise(raw: str, index: SourceIndex) -> None:
    mentions_of(raw, index)


@pytest.mark.shared
def test_real_source_values_resolve(shared: Path, index: SourceIndex) -> None:
    """Each source of the news days is known; of messy values nine in ten are, or name nothing."""
    for archive in sorted((shared / "corpora" / "saudinewsnet").glob("*.zip")):
        with zipfile.ZipFile(archive) as days:
            articles = json.loads(days.read(days.namelist()[0]).decode("utf-8-sig"))
        resolved = resolve_sources(pl.Series([a["source"] for a in articles]), index)
        assert resolved.sources["is_known"].all()
        assert resolved.links["source_ids"].list.len().to_list() == [1] * len(resolved.links)
    noisy = json.loads((shared / "reference" / "noisy_author_or_source_strings.json").read_text())
    found = [mentions_of(value, index) for value in noisy]
    assert sum(all(m.known for m in mentions) for mentions in found) >= 0.85 * len(noisy)

"""Agencies and media are cited where the words around them quote, and nowhere else."""

from pathlib import Path

import polars as pl
import pytest

from marsad.ids import hash_id
from marsad.parse.built import IS_BUILT
from marsad.parse.citations import find_citations
from marsad.parse.literals import find_by_polars
from marsad.parse.source_index import SourceIndex
from marsad.reference import load_rules
from marsad.schema import CITATIONS
from marsad.settings import load_settings

FOUND = {name: CITATIONS[name] for name in ("char_offset", "citation_raw", "source_id")}


@pytest.fixture(scope="module")
def index() -> SourceIndex:
    return load_rules(load_settings(environ={})).sources


def cited(body: str, index: SourceIndex) -> list[tuple[str, str]]:
    """The citations of one body as (slug, words); their offsets must point at the words."""
    found = find_citations(pl.Series([body]), index)
    assert found.schema == {"row": pl.Int64(), **FOUND}
    slugs = {source.source_id: slug for slug, source in index.sources.items()}
    for row in found.iter_rows(named=True):
        end = row["char_offset"] + len(row["citation_raw"])
        assert body[row["char_offset"] : end] == row["citation_raw"]
    return [(slugs[r["source_id"]], r["citation_raw"]) for r in found.iter_rows(named=True)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("ونقلت فرانس برس عن رسول قوله", [("afp", "فرانس برس")], id="verb, agency"),
        pytest.param("قُتل ثلاثة (رويترز)", [("reuters", "رويترز")], id="in brackets"),
        pytest.param("أعلنت الشرطة ذلك. (أ ف ب)", [("afp", "أ ف ب")], id="letters in brackets"),
        pytest.param("قتل ثلاثة (د.ب.أ).", [("dpa", "د.ب.أ")], id="letters with dots"),
        pytest.param(
            "بحسب ما نقلته وكالة تسنيم عنه", [("tasnim", "وكالة تسنيم")], id="according to"
        ),
        pytest.param(
            "قالت وكالة الأنباء السعودية (واس) إن",
            [("spa", "وكالة الأنباء السعودية")],
            id="name and letters are one citation",
        ),
        pytest.param("حسبما أفادت قناة العربية", [("alarabiya", "قناة العربية")], id="channel"),
        pytest.param("في تصريح لـ«عكاظ» أمس", [("okaz", "عكاظ")], id="statement to, in quotes"),
        pytest.param("وقال مسؤول لوكالة رويترز", [("reuters", "وكالة رويترز")], id="glued to"),
        pytest.param("وقال مسؤول لرويترز إن", [("reuters", "رويترز")], id="glued to a name"),
        pytest.param("نقلا عن صحيفة الرياض", [("alriyadh", "صحيفة الرياض")], id="citing"),
        pytest.param(
            "ذكرت صحيفة «الوطن» السعودية أن", [("alwatan-sa", "صحيفة «الوطن")], id="country decides"
        ),
        pytest.param(
            "نقلت الجزيرة عن مصدر", [("aljazeera", "الجزيرة")], id="everyday name, quoted"
        ),
        pytest.param("واشنطن - رويترز\nقال", [("reuters", "رويترز")], id="dateline"),
        pytest.param(
            "ونقلت وكالة الأناضول عن صحيفة حرييت",
            [("anadolu", "وكالة الأناضول"), ("hurriyet", "صحيفة حرييت")],
            id="one after the other",
        ),
        pytest.param(
            "😀 نقلت رويترز عنه. ثم نقلت رويترز عنه",
            [("reuters", "رويترز"), ("reuters", "رويترز")],
            id="twice, after a character outside the basic plane",
        ),
        pytest.param(
            "قتل ثلاثة\nواشنطن - رويترز\nقالت رويترز\nأن",
            [("reuters", "رويترز"), ("reuters", "رويترز")],
            id="on lines of their own",
        ),
        pytest.param(
            "أعلنت وكالة رويترز\n(رويترز)", [("reuters", "وكالة رويترز")], id="over a line's end"
        ),
        pytest.param("قال\nرويترز\nأنه", [("reuters", "رويترز")], id="what follows on a new line"),
        pytest.param("نقلت.\nرويترز تراجعت", [], id="a verb of the line before"),
        pytest.param("في شبه الجزيرة العربية", [], id="the peninsula"),
        pytest.param("قالت الرياض إنها ترفض", [], id="the town"),
        pytest.param("ذكرت اليوم الخميس أن", [], id="today"),
        pytest.param("أفادت المدينة الطبية", [], id="the city"),
        pytest.param("ذكرت الصحيفة أن", [], id="the newspaper"),
        pytest.param("جاء في البيان أن الوطن غال", [], id="the statement, the homeland"),
        pytest.param("حفر قناة السويس الجديدة", [], id="a canal"),
        pytest.param("انتقل إلى موقع الحدث فورا", [], id="scene of the event"),
        pytest.param("قال رئيس تحرير صحيفة الرياض", [], id="an editor is no citation"),
        pytest.param("تراجع سهم تومسون رويترز", [], id="the company"),
        pytest.param("بحسب وكالة أنباء إيرانية", [], id="an agency without name"),
        pytest.param("بثته شبكة «سوريا مباشر»", [], id="quotes that hold more than a name"),
        pytest.param("", [], id="empty"),
    ],
)
def test_citation(body: str, expected: list[tuple[str, str]], index: SourceIndex) -> None:
    assert cited(body, index) == expected


def test_rows_come_by_body_and_place(index: SourceIndex) -> None:
    bodies = ["قال لرويترز كذا. ونقلت فرانس برس عنه", None, "لا شيء", "(رويترز)"]
    found = find_citations(pl.Series(bodies), index)
    assert found["row"].to_list() == [0, 0, 3]
    assert found["source_id"].to_list() == [
        hash_id("source", slug) for slug in ("reuters", "afp", "reuters")
    ]


@pytest.mark.parametrize("limit", [0, 10**9], ids=["forgotten", "kept"])
def test_what_was_looked_up_before_changes_nothing(
    limit: int, index: SourceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marsad.parse.citations._MOST_KEPT", limit)
    for body, expected in [
        ("بحسب وكالة رويترز", [("reuters", "وكالة رويترز")]),
        ("بحسب وكالة أنباء إيرانية", []),
        ("بحسب وكالة", []),
        ("ذكرت صحيفة «الوطن» السعودية", [("alwatan-sa", "صحيفة «الوطن")]),
        ("ذكرت صحيفة «الوطن» الكويتية", [("alwatan-kw", "صحيفة «الوطن")]),
        ("بحسب وكالة رويترز", [("reuters", "وكالة رويترز")]),
    ]:
        assert cited(body, index) == expected


@pytest.mark.skipif(not IS_BUILT, reason="no compiled loop")
def test_both_ways_to_find_anchors_lead_to_the_same(
    index: SourceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "😀 نقلت رويترز\nعنه\n\nواشنطن - رويترز\nوأفادت قناة العربية. لـ«عكاظ» (واس)\n" * 3
    found = cited(body, index)
    assert len(found) == 12
    monkeypatch.setattr("marsad.parse.citations.find_literals", find_by_polars)
    assert cited(body, index) == found


def test_no_articles_give_an_empty_table(index: SourceIndex) -> None:
    found = find_citations(pl.Series([], dtype=pl.String), index)
    assert found.is_empty() and found.schema == {"row": pl.Int64(), **FOUND}


@pytest.mark.parametrize(
    "unit",
    ["لـ", "لـَ", "لـ\n", "وكالة ", "(رويترز", "رويترز ", "وكالة وكالات ", "لـ«الرياض» قال "],
)
def test_cost_is_linear_in_hostile_bodies(unit: str, index: SourceIndex) -> None:
    body = unit * (200_000 // len(unit)) + " لـ رويترز وكالة رويترز"  # every anchor may lead to it
    find_citations(pl.Series([body]), index)


@pytest.mark.shared
def test_seed_page_cites_one_agency_once(shared: Path, index: SourceIndex) -> None:
    page = (shared / "seed" / "000_b1710916432dc13c.txt").read_text(encoding="utf-8")
    assert cited(page.partition("المصدر:")[0], index) == [("afp", "فرانس برس")]

"""Every golden page in one night: what the parser makes of it, the audit has to let pass."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from lake_nights import rows_of
from odd_pages import odd_dumps
from whole_nights import run_night, settings_of

from marsad.lake import publish as publication
from marsad.lake.connect import open_lake

PAGES = Path(__file__).parent.parent / "pages"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of all pages that are a text alone, in a folder of a day."""
    root = tmp_path_factory.mktemp("pages")
    day = root / "2025-05-01"
    day.mkdir()
    for path in PAGES.glob("*.txt"):
        if "record" not in golden(path.stem):
            shutil.copy(path, day)
    summary = run_night(settings_of(root / "lake"), [day])
    assert (summary.status, summary.error) == ("published", None)
    return root / "lake"


def golden(name: str) -> dict[str, object]:
    """What has to come of a page."""
    found: dict[str, object] = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def asked(lake: Path, query: str) -> list[tuple[object, ...]]:
    with open_lake(lake) as con:
        return con.execute(query).fetchall()


def test_every_page_is_published_or_rejected_as_written_down(lake: Path) -> None:
    found = asked(
        lake,
        "select parse_filename(uri, true), coalesce(any_value(rejects.rule), 'published')"
        " from ops.dumps left join ops.rejects using (dump_id) group by all",
    )
    expected = {name: golden(str(name)).get("rejected", "published") for name, _ in found}
    assert dict(found) == expected
    assert len(found) >= 40


@pytest.mark.parametrize(
    ("page", "role", "keywords"),
    [
        ("second_with_keywords", "main", ["العلوم", "المدينة"]),
        ("second_with_keywords", "read_also", ["العلوم", "الطلاب"]),
        # One article, whose main printing counts.
        ("second_is_the_same_text", "main", ["العلوم", "المدينة"]),
        ("second_is_the_same_text", "read_also", ["العلوم", "المدينة"]),
    ],
)
def test_each_article_of_a_page_has_the_keywords_of_its_line(
    lake: Path, page: str, role: str, keywords: list[str]
) -> None:
    found = asked(
        lake,
        "select keyword_raw from news.article_keywords"
        f" semi join ({article_of(page, role)}) using (article_id) order by position",
    )
    assert [row[0] for row in found] == keywords


def article_of(page: str, role: str) -> str:
    return (
        "select article_id from news.sightings"
        " join news.pages using (page_id) join ops.dumps using (dump_id)"
        f" where parse_filename(uri, true) = '{page}' and role = '{role}'"
    )


def test_a_text_that_a_page_prints_twice_is_as_its_main_article_says(lake: Path) -> None:
    main = article_of("second_is_the_same_text", "main")
    (row,) = asked(
        lake,
        "select body, sources.name, split_part(source_basis, '|', 4)"
        " from news.articles join news.sources using (source_id)"
        f" where article_id in ({main})",
    )
    body = str(row[0])
    assert body.startswith("شهدت المدينة") and row[1:] == ("رويترز", "")
    citations = asked(
        lake,
        f"select citation_raw, char_offset from news.citations where article_id in ({main})",
    )
    assert [body[int(str(at)) :].startswith(str(raw)) for raw, at in citations] == [True]


def test_no_page_blocks_a_night_and_rows_do_not_depend_on_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = odd_dumps(tmp_path, 1, 200)
    summary = run_night(settings_of(tmp_path / "lake"), [day])
    assert (summary.status, summary.error) == ("published", None)
    assert summary.n_records == 400
    at_once = rows_of(tmp_path / "lake")

    monkeypatch.setattr(publication, "_SIGHTING_BYTES", 20_000_000)
    small = settings_of(tmp_path / "small", MARSAD_MEMORY="2GB")
    small = replace(small, limits=replace(small.limits, chunk_bytes=80_000))
    run_night(small, [day])
    assert rows_of(tmp_path / "small") == at_once

"""Each corpus finds nothing wrong where nothing is, and finds the error that is put in."""

import csv
import json
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from marsad.evaluate import golden, keywords, languages, saudinews, synthetic
from marsad.evaluate.corpus import Corpus, make_corpus
from marsad.evaluate.lines import known_lines, other_lines, seed_line, synth_lines
from marsad.evaluate.night import publish_night
from marsad.evaluate.score import Score
from marsad.evaluate.truth import known_sources
from marsad.reference import load_rules
from marsad.settings import PROJECT_DIR, Settings, load_settings

PAGES = PROJECT_DIR / "tests" / "pages"
TAGS = PROJECT_DIR / "tests" / "keywords" / "seed.txt"
BODY = "أعلنت وزارة النقل افتتاح خط جديد للحافلات يربط الميناء بوسط البلد، وقال المصدر: لا تأخير."


def by_field(scores: list[Score]) -> dict[str, Score]:
    return {score.field: score for score in scores}


def wrong(scores: list[Score]) -> set[str]:
    return {score.field for score in scores if score.f1 < 1}


@pytest.fixture
def some_pages(tmp_path: Path) -> Path:
    for name in ("template", "variant_1_header", "structured", "blank_page"):
        for kind in ("txt", "json"):
            shutil.copy(PAGES / f"{name}.{kind}", tmp_path)
    return tmp_path


def test_golden_pages_are_measured_field_by_field(some_pages: Path) -> None:
    scores = by_field(golden.measure(some_pages, load_rules(load_settings(environ={}))))
    assert scores["whole page"] == Score("golden pages", "whole page", 4, 4, 4)
    assert scores["rejected"].n_right == 1
    for field in ("title", "published_at", "source", "body_as_printed", "read_also_title"):
        assert scores[field].n_true > 0
        assert scores[field].f1 == 1


@pytest.mark.parametrize(
    ("page", "path", "fields"),
    [
        pytest.param("variant_1_header", ["title"], {"title"}, id="title"),
        pytest.param("variant_1_header", ["published_at"], {"published_at"}, id="date"),
        pytest.param("template", ["related_links", 0], {"related_links"}, id="link"),
        pytest.param("template", ["articles", 0, "source"], {"source"}, id="source"),
        pytest.param(
            "template", ["articles", 1, "title"], {"read_also_title"}, id="title of the second"
        ),
        pytest.param(
            "template",
            ["articles", 0, "paragraphs", 0],
            {"body", "body_as_printed"},
            id="paragraph",
        ),
        pytest.param("blank_page", ["rejected"], {"rejected"}, id="rejected"),
    ],
)
def test_a_golden_page_that_is_read_otherwise_is_found(
    page: str, path: list[str | int], fields: set[str], some_pages: Path
) -> None:
    whole = json.loads((some_pages / f"{page}.json").read_text("utf-8"))
    *way, last = path
    place = whole
    for step in way:
        place = place[step]
    place[last] = "2001-01-01T00:00:00+00:00" if last == "published_at" else "آخر"  # other
    (some_pages / f"{page}.json").write_text(json.dumps(whole), "utf-8")
    scores = golden.measure(some_pages, load_rules(load_settings(environ={})))
    assert wrong(scores) == {"whole page", *fields}
    assert by_field(scores)["whole page"].n_right == 3


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("evaluate") / "synth"
    return make_corpus(folder, pages=200, seed=97, processes=1)


@pytest.fixture(scope="module")
def settings(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found = load_settings(lake=tmp_path_factory.mktemp("evaluate") / "lake", workers=1, environ={})
    publish_night(found, [str(corpus.dumps)])
    return found


def test_every_field_of_invented_pages_is_measured(corpus: Corpus, settings: Settings) -> None:
    scores = by_field(synthetic.compare(corpus, settings))
    never = {"read_also_keyword_line"}
    assert {field for field, score in scores.items() if not score.n_true} == never
    assert scores["body"] == Score("synth", "body", 200, 200, 200)
    for field in ("title", "source", "published_at", "related_links", "link_target_exact"):
        assert scores[field].f1 > 0.99


def _changed(
    corpus: Corpus, folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> Corpus:
    (path,) = corpus.truth.glob("*.parquet")
    change(pl.read_parquet(path)).write_parquet(folder / path.name)
    return Corpus(corpus.dumps, folder)


def _first_with(column: str, value: pl.Expr) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Change a column in the first row that has something in it."""

    def change(truth: pl.DataFrame) -> pl.DataFrame:
        is_list = isinstance(truth.schema[column], pl.List)
        there = pl.col(column).list.len() > 0 if is_list else pl.col(column).is_not_null()
        is_first = there.fill_null(False) & (there.cum_sum() == 1)
        return truth.with_columns(pl.when(is_first).then(value).otherwise(column).alias(column))

    return change


@pytest.mark.parametrize(
    ("column", "value", "fields"),
    [
        pytest.param("title", pl.lit("آخر"), {"title"}, id="title"),
        pytest.param("source_raw", pl.lit("آخر"), {"source"}, id="source"),
        pytest.param(
            "published_at", pl.col("published_at").dt.offset_by("1h"), {"published_at"}, id="date"
        ),
        pytest.param("body", pl.lit("آخر"), {"body", "body_as_printed"}, id="body"),
        pytest.param("links", pl.col("links").list.reverse(), {"related_links"}, id="links"),
        pytest.param(
            "link_targets", pl.col("link_targets") + 5000, {"link_target_exact"}, id="target"
        ),
        pytest.param("source_names", pl.lit(["رويترز"]), {"known_sources"}, id="known source"),
        pytest.param(
            "keywords",
            pl.concat_list("keywords", pl.lit(["آخر"])),
            {"keywords_delimited", "keywords_undelimited"},
            id="keywords",
        ),
    ],
)
def test_an_error_on_one_page_is_found(
    column: str,
    value: pl.Expr,
    fields: set[str],
    corpus: Corpus,
    settings: Settings,
    tmp_path: Path,
) -> None:
    before = by_field(synthetic.compare(corpus, settings))
    changed = _changed(corpus, tmp_path, _first_with(column, value))
    after = by_field(synthetic.compare(changed, settings))
    worse = {field for field, score in after.items() if score.f1 < before[field].f1}
    assert worse
    assert worse <= fields


def test_every_publisher_of_invented_pages_is_known_or_said_to_be_unknown() -> None:
    names = tomllib.loads((PROJECT_DIR / "data/synth/sources.toml").read_text("utf-8"))["sources"]
    with (PROJECT_DIR / "data/reference/sources.csv").open(encoding="utf-8", newline="") as rows:
        slugs = {row["id"] for row in csv.DictReader(rows)}
    assert known_sources().keys() == names.keys()
    assert {slug for slug in known_sources().values() if slug} <= slugs


def _day(folder: Path, *contents: str) -> None:
    records = [
        {"title": f"عنوان {n}", "source": "okaz", "content": text, "url": "", "author": ""}
        for n, text in enumerate(contents)
    ]
    with zipfile.ZipFile(folder / "2015-07-21.zip", "w") as archive:
        archive.writestr("2015-07-21.json", json.dumps(records))


def test_articles_without_furniture_have_no_labels(tmp_path: Path) -> None:
    _day(tmp_path, BODY, " ", BODY + " نهاية")
    settings = load_settings(lake=tmp_path / "lake", workers=1, environ={})
    scores = by_field(saudinews.measure(tmp_path, settings))
    assert wrong(list(scores.values())) == set()
    assert scores["title"] == Score("SaudiNewsNet", "title", 2, 2, 2)
    assert scores["language"].n_true == 2


def test_a_label_among_them_is_found(tmp_path: Path) -> None:
    keyword_line = "كلمات دلالية: ميناء حافلات"
    second = "إقرأ أيضاً:\n\nعنوان ثان\n\nعكاظ ..\n\n" + BODY
    links = "مقالات مشابهة\n\n  • عنوان\n  • عنوان آخر"
    _day(tmp_path, f"{BODY}\n\nالمصدر: عكاظ\n\n{keyword_line}\n\n{second}\n\nuser\n\n{links}")
    settings = load_settings(lake=tmp_path / "lake", workers=1, environ={})
    scores = by_field(saudinews.measure(tmp_path, settings))
    for field in saudinews.LABELS.values():
        assert (scores[field].n_true, scores[field].n_found) == (0, 1)


def test_keywords_are_compared_by_phrase() -> None:
    # Gaza strip, and peace talks: delimited, so that every cut is right.
    lines = known_lines([["قطاع غزة", "محادثات السلام"]], raw=["قطاع غزة، محادثات السلام"])
    (score,) = keywords.measure_lines("f", lines, [])
    assert score == Score("keywords", "f", 2, 2, 2)
    other = known_lines([["قطاع", "غزة", "محادثات السلام"]], raw=["قطاع غزة، محادثات السلام"])
    (score,) = keywords.measure_lines("f", other, [])
    assert score == Score("keywords", "f", 3, 2, 1)


def test_the_seed_line_is_the_one_of_the_real_page() -> None:
    real = json.loads((PAGES / "seed.json").read_text("utf-8"))["articles"][0]["keywords_raw"]
    assert " ".join(TAGS.read_text("utf-8").splitlines()) == real
    assert seed_line(TAGS, PAGES / "seed.json").true.height == 16


def test_the_other_lines_hold_the_seed_line_s_tags_in_other_company() -> None:
    lines = other_lines(TAGS, n=300, seed=5)
    assert lines.lines.height == 300
    own = seed_line(TAGS, PAGES / "seed.json").true["value"].unique()
    times = lines.true.filter(pl.col("value").is_in(own.implode())).group_by("value").len()["len"]
    assert len(times) == len(own)
    assert times.min() >= 5
    assert times.sum() < 0.15 * lines.true.height


def test_lines_of_invented_articles_come_up_to_a_number(corpus: Corpus) -> None:
    lines = synth_lines(corpus, n=50, with_text=False)
    assert lines.lines.height == lines.true["key"].n_unique() == 50
    with_text = synth_lines(corpus, n=50, with_text=True)
    assert lines.lines["span_count"].list.len().sum() == 0
    assert with_text.lines["span_count"].list.len().sum() > 0


def test_language_is_measured_by_language(tmp_path: Path) -> None:
    rows = (PROJECT_DIR / "tests" / "languages.csv").read_text("utf-8")
    assert wrong(languages.measure(PROJECT_DIR / "tests" / "languages.csv")) == set()
    (tmp_path / "some.csv").write_text(rows.replace("fr,Les", "en,Les"), "utf-8")
    assert wrong(languages.measure(tmp_path / "some.csv")) == {"language en", "language fr"}

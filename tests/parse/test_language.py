"""Language: decided by letters and words, and Arabic stays Arabic."""

import csv
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.parse.language import detect_languages

#: What each sentence is written in; Marsad's evaluation measures on the same list.
with (Path(__file__).parent.parent / "languages.csv").open(encoding="utf-8", newline="") as _rows:
    SENTENCES = [(row["language"], row["text"]) for row in csv.DictReader(_rows)]


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_tells(language: str, text: str) -> None:
    assert detect_languages(pl.Series([text])).to_list() == [language]


def test_columns_keep_order_and_nulls() -> None:
    texts = [text for _, text in SENTENCES]
    column = pl.Series("body", [None, *texts * 100, None])
    expected = [None, *[language for language, _ in SENTENCES] * 100, None]
    assert detect_languages(column).to_list() == expected


def test_empty_and_null_columns() -> None:
    for texts in ([], [None], [None, None]):
        assert detect_languages(pl.Series("body", texts, pl.String())).to_list() == texts


def test_a_quotation_does_not_change_the_language() -> None:
    _, arabic = SENTENCES[0]
    _, persian = SENTENCES[8]
    _, english = SENTENCES[16]
    texts = [f"{arabic} {arabic} «{persian}» {arabic}", f"{english} ({arabic[:40]}) {english}"]
    assert detect_languages(pl.Series(texts)).to_list() == ["ar", "en"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), max_size=5))
def test_any_text_has_one_of_six(texts: list[str | None]) -> None:
    found = detect_languages(pl.Series("body", texts, pl.String())).to_list()
    for text, language in zip(texts, found, strict=True):
        assert (language is None) == (text is None)
        assert language in {None, "ar", "fa", "ku", "en", "fr", "other"}


@pytest.mark.shared
def test_arabic_news_is_arabic(shared: Path) -> None:
    bodies: list[str] = []
    for path in sorted((shared / "corpora" / "saudinewsnet").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    bodies += [record["content"] or "" for record in json.loads(archive.read(name))]
    column = pl.Series(bodies).filter(pl.Series(bodies).str.contains(r"\p{Arabic}{3}"))
    found = detect_languages(column)
    assert found.filter(found != "ar").len() / len(found) < 0.001

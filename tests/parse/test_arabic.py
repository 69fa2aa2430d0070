"""Folding: one map, the same in Python, over columns and in SQL."""

import importlib.util
import json
import random
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marsad.parse import fold_native, fold_numpy
from marsad.parse.arabic import fold, fold_series
from marsad.parse.built import IS_BUILT
from marsad.parse.fold_map import TABLE, fold_map
from marsad.parse.fold_sql import fold_macro
from marsad.parse.folds import Folds
from marsad.parse.slices import packed

PROJECT = Path(__file__).resolve().parents[2]
UNICODE = "14.0.0"

ANY_TEXT = st.text(st.characters())
ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]))
ARABIC = st.text(st.sampled_from("اأإآٱبةهىيیكکؤئء ًَّـ\u200f\u200c٣۳،؟«»\n\r\xa0Aaé…ﷺ😀"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("إِقْرَأ أَيضًا :", "اقرا ايضا", id="read-also-with-marks-and-hamza"),
        pytest.param("مقـــالات مشـابهة", "مقالات مشابهه", id="tatweel-and-teh-marbuta"),
        pytest.param("لبنى على کتابی", "لبني علي كتابي", id="maqsura-and-persian-letters"),
        pytest.param("سؤال وسئل وسماء", "سوال وسيل وسماء", id="seats-of-hamza"),
        pytest.param("٢٠٢٤ و ۱۴۰۳", "2024 و 1403", id="arabic-indic-and-persian-digits"),
        pytest.param(
            "\u200fرويترز\u200e\u202b +\ufeff وكالات", "رويترز وكالات", id="bidi-controls"
        ),
        pytest.param("ﻣﺼﺮ ﷺ", "مصر صلي الله عليه وسلم", id="presentation-forms"),
        pytest.param("«نصر»،\u00a0قال\tإنّ", "نصر قال ان", id="punctuation-and-odd-spaces"),
        pytest.param("ÉCOLE Straße ﬁn ½", "ecole strasse fin 1 2", id="latin"),
        pytest.param("می‌خواهم", "ميخواهم", id="zero-width-non-joiner-joins"),
        pytest.param("한국", "한국", id="hangul-stays"),
        pytest.param("\ufad0", "\U00022844", id="folds-beyond-the-first-plane"),
        pytest.param("a\x00b\ud800c\uffffd", "a b c d", id="no-text-at-all"),
        pytest.param("", "", id="empty"),
        pytest.param(" \n ـ ", "", id="nothing-left"),
    ],
)
def test_folds(text: str, key: str) -> None:
    assert fold(text) == key


def test_table_is_what_the_script_makes() -> None:
    if unicodedata.unidata_version != UNICODE:
        pytest.skip(f"this Python has Unicode {unicodedata.unidata_version}, the table {UNICODE}")
    spec = importlib.util.spec_from_file_location("make_fold", TABLE.parent / "make_fold.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert [*module.rows()] == TABLE.read_text("utf-8").splitlines()


def test_a_fold_is_its_own_fold() -> None:
    for text in fold_map().values():
        assert text.translate(fold_map()).strip() == text.strip()
        assert "\n" not in text and "  " not in text


@given(ANY_TEXT | ARABIC)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ENCODABLE | ARABIC)
def test_composed_and_compatible_forms_have_one_key(text: str) -> None:
    # Hangul is not taken apart: its two forms have two keys.
    if not any(0x1100 <= ord(char) <= 0x11FF for char in unicodedata.normalize("NFKD", text)):
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert fold(unicodedata.normalize(form, text)) == fold(text)


@given(st.lists(ENCODABLE | ARABIC | st.none(), max_size=8))
@example([None, "", "\uffff", "\n", " \n \n\n", "😀 \n½"])
def test_columns_fold_like_texts(texts: list[str | None]) -> None:
    column = pl.Series("text", texts, dtype=pl.String())
    assert fold_series(column).to_list() == [None if t is None else fold(t) for t in texts]


def by_numpy(texts: list[str]) -> list[str]:
    return fold_numpy.fold_texts(pl.Series(texts, dtype=pl.String())).to_list()


def by_loop(texts: list[str]) -> list[str]:
    data, ends = packed(pl.Series(texts, dtype=pl.String()))
    return fold_native.fold_rows(data, np.append(0, ends[:-1])[: len(ends)], ends).texts().to_list()


WAYS = [by_numpy, by_loop] if IS_BUILT else [by_numpy]


FOLDS = [fold_numpy.fold_rows, *([fold_native.fold_rows] if IS_BUILT else [])]


@given(st.lists(ENCODABLE | ARABIC, max_size=8))
@example(["", "\uffff", " ", "😀", "½ \u2f800", "\ufad0", "ﷺ", " ﷺﷺ \u00bd", "\x00"])
@example([])
def test_every_way_folds_alike(texts: list[str]) -> None:
    for way in WAYS:
        assert way(texts) == [fold(text) for text in texts], way.__name__


def test_every_way_folds_long_columns_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_numpy, "_BATCH_BYTES", 10)
    texts = [text for text in random_texts(500, random.Random(5))]
    for way in WAYS:
        assert way(texts) == [fold(text) for text in texts], way.__name__


def test_a_fold_many_times_as_long_as_its_text_has_room() -> None:
    texts = ["\ufdfa" * 5_000, "½" * 5_000, "é" * 3, "\ufdfa" * 5_000]
    for way in WAYS:
        assert way(texts) == [fold(text) for text in texts], way.__name__


@pytest.mark.parametrize("data", [b"\xd9", b"ab\xe2\x80", b"\x80", b"\xff", b"\xf4\x90\x80\x80"])
def test_the_loop_refuses_what_is_no_text(data: bytes) -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    with pytest.raises(ValueError, match="no UTF-8"):
        fold_native.fold_rows(np.frombuffer(data, np.uint8), np.array([0]), np.array([len(data)]))


@pytest.mark.parametrize(
    ("starts", "ends"), [([0], [4]), ([2], [1]), ([-1], [1]), ([0, 1], [2, 3]), ([0], [1, 2])]
)
def test_the_loop_refuses_rows_outside_of_the_text(starts: list[int], ends: list[int]) -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    with pytest.raises(ValueError, match=r"outside of the text|as many starts"):
        fold_native.fold_rows(np.frombuffer(b"abc", np.uint8), np.array(starts), np.array(ends))


@pytest.mark.parametrize("way", FOLDS)
@given(st.lists(st.tuples(ENCODABLE | ARABIC, ENCODABLE), max_size=8))
@example([("ا", ""), ("…", ""), ("", "x"), ("b b", ""), ("c", "")])
def test_parts_of_a_text_fold_one_by_one_and_as_a_whole(
    way: Callable[..., Folds], texts: list[tuple[str, str]]
) -> None:
    data = "".join(text + between for text, between in texts).encode()
    ends = np.cumsum([len((text + between).encode()) for text, between in texts], dtype=np.int64)
    ends -= np.array([len(between.encode()) for _, between in texts], dtype=np.int64)
    starts = ends - np.array([len(text.encode()) for text, _ in texts], dtype=np.int64)
    folds = way(np.frombuffer(data, np.uint8), starts, ends)
    expected = [fold(text) for text, _ in texts]
    assert folds.texts().to_list() == expected
    assert folds.n_words.tolist() == [len(list(filter(None, text.split(" ")))) for text in expected]
    assert folds.data.tobytes().decode() == "".join(f"{text} " for text in expected if text)


def test_empty_and_null_columns() -> None:
    for texts in ([], [None], [None, None], [""]):
        column = pl.Series("text", texts, dtype=pl.String())
        assert fold_series(column).to_list() == texts


def random_texts(count: int, rng: random.Random) -> Iterator[str]:
    """Texts from all planes, most with much Arabic and many marks among them."""
    ranges = [(0x20, 0x21), (0x600, 0x700), (0, 0x250), (0xFB50, 0xFF00), (0x2000, 0x2070)]
    for number in range(count):
        wide = [(0, 0x10000), (0, 0x110000), (0x1D400, 0x1F700)] * (1 + number % 2)
        text = (chr(rng.randrange(*rng.choice(ranges + wide))) for _ in range(rng.randrange(1, 24)))
        yield "".join(char for char in text if not "\ud800" <= char <= "\udfff")


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        con.execute((PROJECT / "sql" / "macros.sql").read_text("utf-8"))
        yield con


def folded_in_sql(con: duckdb.DuckDBPyConnection, texts: list[str], folder: Path) -> list[str]:
    path = folder / "texts.parquet"
    pl.DataFrame({"n": range(len(texts)), "text": texts}).write_parquet(path)
    rows = con.execute(
        "select fold_ar(text) from read_parquet($1) order by n", [str(path)]
    ).fetchall()
    return [key for (key,) in rows]


def test_macro_in_sql_is_current() -> None:
    assert fold_macro() in (PROJECT / "sql" / "macros.sql").read_text("utf-8")


def test_sql_folds_every_code_point_alike(lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    codes = [code for code in [*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0x20000)]]
    codes += sorted(fold_map())
    texts = [f"ك{chr(code)}ب" for code in codes if not 0xD800 <= code <= 0xDFFF]
    assert folded_in_sql(lake, texts, tmp_path) == [fold(text) for text in texts]


def test_sql_folds_random_texts_alike(lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    texts = [*random_texts(100_000, random.Random(20_240_227))]
    assert folded_in_sql(lake, texts, tmp_path) == fold_series(pl.Series(texts)).to_list()


@settings(deadline=None)  # each query binds the whole map
@given(ENCODABLE | ARABIC)
def test_sql_folds_any_text_alike(lake: duckdb.DuckDBPyConnection, text: str) -> None:
    assert lake.execute("select fold_ar($1)", [text]).fetchone() == (fold(text),)


def test_sql_keeps_null(lake: duckdb.DuckDBPyConnection) -> None:
    assert lake.execute("select fold_ar(null)").fetchone() == (None,)


@pytest.mark.shared
def test_sql_folds_the_titles_of_the_corpora_alike(
    lake: duckdb.DuckDBPyConnection, shared: Path, tmp_path: Path
) -> None:
    titles: list[str] = []
    for path in sorted((shared / "corpora" / "saudinewsnet").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    titles += [record["title"] or "" for record in json.loads(archive.read(name))]
    assert len(titles) > 5_000
    assert folded_in_sql(lake, titles, tmp_path) == [fold(title) for title in titles]

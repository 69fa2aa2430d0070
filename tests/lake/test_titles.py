"""Signatures of titles: the compiled loop and NumPy make the same rows, night after night."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marsad.lake import title_index, titles
from marsad.lake.connect import open_lake
from marsad.lake.migrate import migrate
from marsad.lake.titles import MAX_WORDS, THRESHOLD, sign_by_loop, sign_by_numpy, title_hashes
from marsad.settings import PROJECT_DIR

Way = Callable[[pl.Series, pl.Series, float], pl.DataFrame]
WAYS: list[Way] = [sign_by_loop, sign_by_numpy] if titles.IS_BUILT else [sign_by_numpy]

FAIR = "الوزير يفتتح معرض الكتاب في بغداد"  # the minister opens the book fair in Baghdad
KEPT = "لا"  # no: never left out
#: Words whose ends fall before, on and behind the eight bytes that the loop reads at a time.
SIZES = ["a" * size + last for size in range(33) for last in ("", "b", "c")]
WORDS = st.sampled_from([*FAIR.split(), KEPT, "3", "٣", "a7", "", "😀", "a\0", *SIZES]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=6
)
#: Of FAIR with KEPT behind it: the whole, and without each of its other words in turn.
SIGNATURES = [
    *(30751571438072364, 9756153225579196436, 2551923776492972413, 2674990333363464980),
    *(10309273535347183897, 17462730634776918528, 11580889605493141421),
]
TITLES = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)


def rows_of(way: Way, keys: list[str], threshold: float = THRESHOLD) -> pl.DataFrame:
    """The signatures of titles, as one way makes them."""
    series = pl.Series(keys, dtype=pl.String())
    return way(series, title_hashes(series), threshold)


@pytest.mark.skipif(not titles.IS_BUILT, reason="no compiled loop")
@settings(deadline=None)
@given(st.lists(TITLES, max_size=8), st.sampled_from([0.5, 0.75, THRESHOLD, 0.95]))
@example([], THRESHOLD)
@example(["", " ", "    ", "     "], THRESHOLD)
@example([" ".join(SIZES[at : at + 30]) for at in range(len(SIZES))], THRESHOLD)
@example([" ".join("ab"[at % 2] for at in range(n)) for n in range(1, 61)], THRESHOLD)
@example(["a " * n for n in range(36, 44)], THRESHOLD)  # the last word is empty
# So many words that many share a slot, alike in what the loop compares first.
@example(
    [" ".join(f"{KEPT * (2 + n % 2 * 2)}{n:03}w{at:02}" for at in range(30)) for n in range(300)],
    THRESHOLD,
)
def test_both_ways_make_the_same_rows(keys: list[str], threshold: float) -> None:
    by_loop, by_numpy = (rows_of(way, keys, threshold) for way in WAYS)
    assert by_loop.schema == by_numpy.schema
    assert by_loop.rows() == by_numpy.rows()


@pytest.mark.parametrize("way", WAYS)
def test_of_a_part_of_a_series_only_the_part_is_signed(way: Way) -> None:
    keys = [f"{FAIR} {letter}" for letter in "abcdef"]
    series = pl.concat([pl.Series(keys[:3]), pl.Series(keys[3:])], rechunk=False)[1:5]
    rows = way(series, title_hashes(series), THRESHOLD)
    assert rows.rows() == rows_of(way, keys[1:5]).rows()


@pytest.mark.parametrize("way", WAYS)
def test_signatures_are_those_that_lakes_hold(way: Way) -> None:
    found = rows_of(way, [f"{FAIR} {KEPT}"])
    assert found["n_left_out"].to_list() == [0, 1, 1, 1, 1, 1, 1]
    assert found["signature"].to_list() == SIGNATURES


@pytest.mark.skipif(not titles.IS_BUILT, reason="no compiled loop")
def test_the_loop_refuses_titles_that_are_none() -> None:
    from marsad.lake import _titles

    def split(text: bytes, ends: list[int], least: int = 1, most: int = MAX_WORDS) -> None:
        _titles.split_titles(text, np.array(ends, dtype=np.int64), least, most, 1)

    split(b"a b", [1, 3])
    for ends in ([4], [-1], [2, 1], [2**62]):
        with pytest.raises(ValueError, match="outside"):
            split(b"a b", ends)
    for least, most in ((0, 5), (6, 5), (1, 256), (-1, -1)):
        with pytest.raises(ValueError, match="255"):
            split(b"a b", [3], least, most)
    with pytest.raises(ValueError, match="eight bytes"):
        _titles.split_titles(b"a b", bytes(7), 1, MAX_WORDS, 1)
    with pytest.raises(UnicodeDecodeError):
        split(b"a \xd9", [3])


@pytest.mark.skipif(not titles.IS_BUILT, reason="no compiled loop")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"sizes": bytes([2, 1])}, "not as many", id="more_titles_than_hashes"),
        pytest.param({"sizes": bytes([4])}, "as many words", id="a_word_missing"),
        pytest.param({"sizes": bytes([2])}, "as many words", id="a_word_too_many"),
        pytest.param({"sizes": bytes([9])}, "too many words", id="a_long_title"),
        pytest.param({"title_hashes": bytes(7)}, "not as many", id="half_a_title_hash"),
        pytest.param({"numbers": bytes(13)}, "not as many", id="half_a_number"),
        pytest.param({"numbers": np.int32([0, 1, 2])}, "no hash", id="a_word_without_hash"),
        pytest.param({"numbers": np.int32([0, 1, -1])}, "no hash", id="a_word_below_all"),
        pytest.param({"word_hashes": bytes(8)}, "not as many", id="a_hash_missing"),
        pytest.param({"kept": bytes(3)}, "not as many", id="more_kept_than_words"),
        pytest.param({"powers": bytes(32)}, "not as many", id="a_power_missing"),
        pytest.param({"inverses": bytes(48)}, "not as many", id="an_inverse_too_many"),
        pytest.param({"powers": b"", "inverses": b""}, "255", id="no_powers"),
        pytest.param({"powers": bytes(8 * 257), "inverses": bytes(8 * 257)}, "255", id="256_words"),
        pytest.param({"needed": bytes(range(2, 9))}, "255", id="more_left_out_than_words"),
        pytest.param({"needed": bytes([1])}, "must stay", id="all_left_out"),
        pytest.param({"needed": bytes([4, 3])}, "must stay", id="shorter_titles_lose_more"),
    ],
)
def test_the_loop_refuses_words_that_are_none(changed: dict[str, bytes], said: str) -> None:
    from marsad.lake import _titles

    sound = {
        "sizes": bytes([3]),
        "title_hashes": bytes(8),
        "numbers": np.int32([0, 1, 0]),
        "word_hashes": bytes(16),
        "kept": bytes(2),
        "powers": bytes(40),
        "inverses": bytes(40),
        "needed": bytes([2, 3]),
    }
    assert [len(column) for column in _titles.sign_titles(*sound.values())] == [48, 48, 6, 6]
    with pytest.raises(ValueError, match=said):
        _titles.sign_titles(*{**sound, **changed}.values())


def test_what_the_index_lacks_is_signed_batch_by_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_index, "_BATCH", 2048)
    keys = pl.Series("title_key", [f"{FAIR} w{number}" for number in range(5000)])
    expected = titles.title_signatures(keys)
    with open_lake(tmp_path, read_only=False) as con:
        migrate(con, PROJECT_DIR / "sql")
        con.execute("use memory.main")
        con.register("links", keys.to_frame())
        con.execute("create temp view night_related_links as from links")
        con.execute("create temp table merged_articles (title_key varchar, is_changed boolean)")
        title_index.stage_signatures(con, tmp_path / "first")
        assert len(list((tmp_path / "first").iterdir())) == 4
        found = con.sql("from new_signatures").pl()
        assert found.sort(found.columns).equals(expected.sort(expected.columns))
        known = titles.title_signatures(keys[:3000])
        con.register("known", known)
        con.execute("insert into lake.lookup.title_signatures by name from known")
        title_index.stage_signatures(con, tmp_path / "second")
        assert con.sql("from new_signatures").pl().height == expected.height - known.height
        con.execute("insert into lake.lookup.title_signatures by name from new_signatures")
        title_index.stage_signatures(con, tmp_path / "third")
        assert con.sql("from new_signatures").fetchall() == []


def test_a_query_that_fails_in_its_midst_fails_as_any_other() -> None:
    con = duckdb.connect()
    query = (
        "select case when i = 200000 then error('broken') else i end as i from range(900000) t(i)"
    )
    batches = title_index.read_batches(con, query)
    assert next(batches).height == 1 << 15
    with pytest.raises(duckdb.Error, match="broken"):
        list(batches)

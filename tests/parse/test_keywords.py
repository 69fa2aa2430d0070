"""Keyword lines become keywords, with delimiters or without."""

import collections
import io
import itertools
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyword_lines import aggregator, lines_of

from marsad.parse.arabic import fold
from marsad.parse.keyword_eval import judge, phrase_score, reliability, share_right
from marsad.parse.keywords import (
    Model,
    cut_lines,
    fit,
    segment_lines,
)
from marsad.parse.keywords.built import IS_BUILT
from marsad.parse.keywords.evidence import find_by_loop, find_by_numpy
from marsad.parse.keywords.hashing import matched
from marsad.parse.keywords.lattice import Lattice
from marsad.parse.keywords.stored import dump_model, load_model
from marsad.schema import ARTICLE_KEYWORDS, KEYWORD_LINES


@pytest.mark.parametrize(
    ("raw", "keywords"),
    [
        pytest.param("حماس، قطاع غزة", ["حماس", "قطاع غزة"], id="arabic comma"),
        pytest.param("حماس,قطاع غزة", ["حماس", "قطاع غزة"], id="comma"),
        pytest.param("حماس | قطاع غزة", ["حماس", "قطاع غزة"], id="bar"),
        pytest.param("#حماس #قطاع_غزة", ["حماس", "قطاع غزة"], id="hashtags"),
        pytest.param("حماس - قطاع غزة", ["حماس", "قطاع غزة"], id="dash"),
        pytest.param("حماس؛ قطاع غزة؛", ["حماس", "قطاع غزة"], id="semicolon, one at the end"),
        pytest.param("حماس\nقطاع غزة", ["حماس", "قطاع غزة"], id="lines"),
        pytest.param("«حماس»؛ (قطاع غزة).", ["حماس", "قطاع غزة"], id="quotes go"),
    ],
)
def test_a_line_with_delimiters_is_cut_there(raw: str, keywords: list[str]) -> None:
    lines = lines_of([raw])
    assert lines["is_delimited"].to_list() == [True]
    found = segment_lines(lines, Model.empty())
    assert found["keyword"].to_list() == keywords
    assert found["position"].to_list() == [1, 2]
    assert set(found["confidence"]) == {1.0}


def test_two_lines_without_delimiters_are_not_two_keywords() -> None:
    lines = lines_of(["القوات الأميركية حماس غزة سوريا\nالقوات الأميركية العراق سوريا لبنان"])
    assert lines["is_delimited"].to_list() == [False]
    keys = segment_lines(lines, Model.empty())["keyword_key"].to_list()
    assert not [key for key in keys if "سوريا القوات" in key]


def test_lines_without_words_are_left_out() -> None:
    lines = lines_of([None, "", " ،، | ", "حماس"])
    assert lines.schema == KEYWORD_LINES
    assert lines["page_id"].to_list() == ["p3"]
    assert segment_lines(lines.clear(), Model.empty()).schema == ARTICLE_KEYWORDS


Way = Callable[[pl.Series, pl.Series, pl.Series], pl.DataFrame]
WAYS: list[Way] = [find_by_loop, find_by_numpy] if IS_BUILT else [find_by_numpy]


@pytest.mark.parametrize("way", WAYS)
def test_phrases_of_the_text_are_found_behind_proclitics(way: Way) -> None:
    # Gaza, Iraq, the American forces; in the text: and Gaza, for Iraq, and the American forces.
    line = "غزه العراق القوات الامريكيه"
    text = "وغزه للعراق\nوالقوات الامريكيه غزه ولد"
    spans = way(pl.Series([line]), pl.Series([text]), pl.Series([""])).drop("row").rows()
    assert spans == [(0, 1, 2), (1, 1, 1), (2, 1, 1), (2, 2, 1), (3, 1, 1)]


#: Words that differ late, or only behind what two words of eight bytes hold, and the longest.
WORDS = ["ا", "ب", "غزه", "مستشفي", "مستشفيات", "مستشفياتهم", "مستشفياتها", "نفط" * 60, "نفط" * 61]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), max_size=6),
            st.lists(st.sampled_from(WORDS), max_size=12),
            st.lists(st.sampled_from(WORDS), max_size=3),
        ),
        max_size=4,
    )
)
def test_spans_are_what_counting_by_hand_finds(way: Way, rows: list[tuple[list[str], ...]]) -> None:
    expected = []
    for row, (line, text, title) in enumerate(rows):
        for start, size in itertools.product(range(len(line)), range(1, 9)):
            phrase = line[start : start + size]
            count = sum(
                words[i : i + size] == phrase for words in (title, text) for i in range(len(words))
            )
            if len(phrase) == size and count:
                expected.append((row, start, size, count))
    columns = [pl.Series([" ".join(row[i]) for row in rows], dtype=pl.String) for i in range(3)]
    assert way(*columns).rows() == expected


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(st.lists(st.text("ابلوك2a", min_size=1, max_size=9), max_size=20))
def test_proclitics_are_what_reading_by_hand_finds(way: Way, text: list[str]) -> None:
    line = sorted({word[n:] for word in text for n in (0, 1)} - {""})[:50]
    line += sorted({f"ا{word[1:]}" for word in text if word.startswith("لل")})
    counts: collections.Counter[str] = collections.Counter()
    for word in text:
        counts[word] += 1
        if word[0] in "وفبلك" and len(word) > 3:
            counts[f"ا{word[1:]}" if word.startswith("لل") else word[1:]] += 1
    found = way(pl.Series([" ".join(line)]), pl.Series([" ".join(text)]), pl.Series([""]))
    found = found.filter(pl.col("length") == 1)
    expected = {i: counts[word] for i, word in enumerate(line) if counts[word]}
    assert dict(found.select("start", "count").rows()) == expected


@pytest.mark.parametrize("way", WAYS)
def test_a_long_line_and_a_long_text_of_few_words_are_looked_through(way: Way) -> None:
    numbers = np.random.default_rng(7).integers(3, size=(2, 70_000))
    line, text = ([WORDS[3 + number] for number in row] for row in numbers.tolist())
    line[65_537:65_540] = ["غزه"] * 3  # behind the places where phrases are looked for
    text[100:103] = line[65_535:65_538]
    found = way(pl.Series([" ".join(line)]), pl.Series([" ".join(text)]), pl.Series([""]))
    counts = collections.Counter(
        tuple(text[i : i + size]) for size in range(1, 9) for i in range(len(text) - size + 1)
    )
    for start, size, count in found.drop("row").sample(3000, seed=1).rows():
        assert count == counts[tuple(line[start : start + size])]
    assert found["start"].max() == 65_535
    assert found.filter(start=65_535)["length"].max() == 2


def test_the_loop_refuses_rows_that_are_none() -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    from marsad.parse.keywords import _native

    good = b"abc", np.array([1, 3])
    for ends in ([1, 4], [-1, 3], [2, 1], [3]):
        for place in range(3):
            given = [good, good, good]
            given[place] = b"abc", np.array(ends)
            with pytest.raises(ValueError, match=r"outside|as many"):
                _native.find_spans(*itertools.chain(*given), 1)


def test_what_the_loop_finds_does_not_depend_on_its_salt() -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    from marsad.parse.keywords import _native, _reading

    words = [str(number) * (number % 5 + 1) for number in range(300)]
    line = " ".join(words[:200]).encode()
    text = " ".join(words[100:] * 2).encode()
    given = [(each, np.array([len(each)])) for each in (line, b"", text)]
    salts = 0, 1, (1 << 63) + 1, (1 << 64) - 1
    assert len({_native.find_spans(*itertools.chain(*given), salt) for salt in salts}) == 1
    ends = np.cumsum([len(word) for word in words * 2])
    named = {_reading.number_words("".join(words * 2).encode(), ends, salt) for salt in salts}
    assert len(named) == 1


@pytest.mark.parametrize("n_distinct", [1, 40, 5000])
def test_equal_hashes_are_found_among_known_ones(n_distinct: int) -> None:
    numbers = np.random.default_rng(n_distinct)
    # Differ in a few bits only, so that many fall into one slot.
    values = numbers.integers(n_distinct, size=(2, 3000)).astype(np.uint64) << np.uint64(20)
    known, asked = values
    asked += np.uint64(1 << 30)
    equals, found, places = matched(known, asked)
    assert (known[equals] == known).all()
    assert len(np.unique(equals)) == len(np.unique(known))
    assert sorted(found) == np.flatnonzero(np.isin(asked, known)).tolist()
    assert (known[places] == asked[found]).all()
    assert (equals[places] == places).all()


def _all_cuts(size: int, longest: int) -> list[list[tuple[int, int]]]:
    if size == 0:
        return [[]]
    return [
        [*cut, (size - n, n)]
        for n in range(1, min(size, longest) + 1)
        for cut in _all_cuts(size - n, longest)
    ]


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_the_lattice_agrees_with_listing_every_cut(size: int) -> None:
    # Four stretches of this many words and one of a word less, one after the other.
    sizes = np.array([size, size, size - 1, size, size]) if size > 1 else np.full(4, size)
    begins = sizes.cumsum() - sizes
    reach = np.concatenate([np.minimum(np.arange(n, 0, -1), 3) for n in sizes])
    scores = np.random.default_rng(size).normal(0, 2, reach.sum())
    lattice = Lattice.of(begins, sizes, reach, 3)
    laid_out = lattice.laid_out(np.exp(scores))
    found = lattice.probabilities(laid_out).take(lattice.places)
    best = set(zip(*(part.tolist() for part in lattice.best(laid_out)), strict=True))
    number = {}  # of each phrase, by its first word and its length
    for word, n in enumerate(reach.tolist()):
        for length in range(1, n + 1):
            number[word, length] = len(number)
    expected, logs = set(), 0.0
    for begin, words in zip(begins.tolist(), sizes.tolist(), strict=True):
        cuts = [[(begin + s, n) for s, n in cut] for cut in _all_cuts(words, 3)]
        weights = np.array([sum(scores[number[phrase]] for phrase in cut) for cut in cuts])
        expected.update(cuts[int(weights.argmax())])
        shares = np.exp(weights - weights.max()) / np.exp(weights - weights.max()).sum()
        for phrase in {phrase for cut in cuts for phrase in cut}:
            share = sum(p for p, cut in zip(shares, cuts, strict=True) if phrase in cut)
            assert found[number[phrase]] == pytest.approx(share, abs=1e-9)
        logs += np.log(np.exp(weights).sum())
    assert best == expected
    assert lattice.log_sums(laid_out) == pytest.approx(logs)


def test_a_block_that_repeats_itself_is_cut_between() -> None:
    # "top news" three times, then "Iraq".
    lines = lines_of(["أهم الأخبار أهم الأخبار أهم الأخبار العراق"])
    found = segment_lines(lines, Model.empty()).row(0, named=True)
    assert (found["keyword"], found["position"], found["n_occurrences"]) == ("أهم الأخبار", 1, 3)


def test_forms_that_fold_alike_are_one_keyword_as_printed_first() -> None:
    # The second has Persian letters.
    found = segment_lines(lines_of(["التحالف الدولي، حماس، التحالف الدولی"]), Model.empty())
    assert found["keyword"].to_list() == ["التحالف الدولي", "حماس"]
    assert found["n_occurrences"].to_list() == [2, 1]
    assert found["position"].to_list() == [1, 2]


def test_keys_of_cut_lines_are_the_words_of_the_line() -> None:
    raw = ["سحب القوات الأميركية العراق", "كوفيد-19 لقاح , ", "a b c d e f g h i j k l m n"]
    lines = lines_of(raw)
    found = cut_lines(lines, fit(lines))
    joined = found.group_by("line", maintain_order=True).agg(pl.col("keyword_key").str.join(" "))
    assert joined["keyword_key"].to_list() == [fold(text) for text in raw]
    assert found["confidence"].is_between(0, 1).all()


def test_a_line_is_cut_alike_alone_and_among_others() -> None:
    lines, _ = aggregator(50, salt=2)
    model = fit(lines)
    together = segment_lines(lines, model)
    alone = pl.concat([segment_lines(line, model) for line in lines.iter_slices(1)])
    assert together.drop("confidence").equals(alone.drop("confidence"))


def test_a_line_of_a_hundred_thousand_words_is_cut() -> None:
    raw = " ".join(str(n * n % 3001) for n in range(100_000))
    found = segment_lines(lines_of([raw], [raw]), Model.empty())
    assert found["n_occurrences"].sum() > 100_000 / 8


def _seed_line(shared: Path) -> tuple[pl.DataFrame, list[str]]:
    page = json.loads((shared / "golden" / "seed.json").read_text(encoding="utf-8"))
    article = page["articles"][0]
    tags = article["keywords_in_line_order"]
    lines = lines_of([" ".join(tags)], ["\n".join(article["paragraphs"])])
    return lines, [fold(tag) for tag in tags]


@pytest.mark.shared
def test_the_seed_line_alone(shared: Path) -> None:
    lines, true = _seed_line(shared)
    for model in (Model.empty(), fit(lines)):
        assert phrase_score(cut_lines(lines, model), [true]).f1 >= 0.80


@pytest.mark.shared
@pytest.mark.parametrize("salt", range(4))
def test_the_seed_line_is_exact_after_three_hundred_others(shared: Path, salt: int) -> None:
    line, true = _seed_line(shared)
    others, _ = aggregator(300, salt)
    lines = pl.concat([line, others])
    found = cut_lines(lines, fit(lines)).filter(pl.col("line") == 0)
    assert found["keyword_key"].to_list() == true


@pytest.mark.shared
def test_akec_with_the_documents_own_text(shared: Path) -> None:
    raw, bodies, true = [], [], []
    folder = shared / "corpora" / "akec_train"
    for row in (folder / "keyphrases.tsv").read_text(encoding="utf-8").splitlines():
        name, phrases = row.split("\t")
        raw.append(phrases.replace("|", " "))
        bodies.append((folder / "documents" / f"{name}.txt").read_text(encoding="utf-8"))
        true.append([fold(phrase) for phrase in phrases.split("|")])
    lines = lines_of(raw, bodies)
    for model in (Model.empty(), fit(lines)):
        judged = judge(cut_lines(lines, model), true)
        assert phrase_score(cut_lines(lines, model), true).f1 >= 0.97
        assert share_right(judged, 0.9) >= 0.95


def test_tags_are_learned_from_lines_alone() -> None:
    lines, true = aggregator(400, salt=9)
    once, learned = Model.empty(), fit(lines)
    assert phrase_score(cut_lines(lines, once), true).f1 < 0.75
    assert phrase_score(cut_lines(lines, learned), true).f1 > 0.93


def test_a_model_in_bytes_cuts_alike_and_runs_no_code() -> None:
    lines, _ = aggregator(60, salt=9)
    for model in (Model.empty(), fit(lines)):
        again = load_model(dump_model(model))
        assert cut_lines(lines, again).equals(cut_lines(lines, model))
    harm = io.BytesIO()
    np.lib.format.write_array(harm, np.array([print], dtype=object))
    for data in (harm.getvalue(), pickle.dumps(print), dump_model(Model.empty())[:-1], b""):
        with pytest.raises(ValueError, match=r"\w"):
            load_model(data)


def test_evaluation_counts_keywords_at_their_places() -> None:
    lines = lines_of(["a، b c، a", "d، e"])
    found = cut_lines(lines, Model.empty())
    true = [["a", "b", "c", "a"], ["d e"]]
    score = phrase_score(found, true)
    assert (score.n_true, score.n_found, score.n_right) == (5, 5, 2)
    assert (score.precision, score.recall, score.f1) == (0.4, 0.4, 0.4)
    table = reliability(judge(found, true), [0.5, 0.9])
    assert table.rows() == [(0.9, 5, 1.0, 0.4)]

"""What is counted of phrases: sums over lines that may be added in any order."""

from dataclasses import astuple

import numpy as np
import polars as pl
import pytest
from keyword_lines import aggregator, lines_of

from marsad.parse.keywords import Model, fit, learn
from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.encoded import numbered
from marsad.parse.keywords.learn import lines_needed, weigh
from marsad.parse.keywords.stored import dump_lines, load_lines
from marsad.parse.keywords.sums import Sums


def test_counts_add_up_in_any_order_of_nights_and_lines() -> None:
    lines, _ = aggregator(60, salt=1)
    whole = learn(lines)
    for order in ([0, 1, 2], [2, 0, 1]):
        nights = [lines[20 * i : 20 * i + 20].reverse() for i in order]
        parts = [learn(night) for night in nights]
        phrases = pl.concat(part.phrases for part in parts).group_by("keyword_key").sum()
        words = pl.concat(part.words for part in parts).group_by("word_key").sum()
        assert words.sort("word_key").equals(whole.words)
        assert phrases.sort("keyword_key").equals(whole.phrases)


def test_a_further_reading_by_hash_counts_what_one_with_texts_does() -> None:
    lines, _ = aggregator(40, salt=3)
    wide = "كوفيد-19 لقاح كوفيد 19 a-b-c-d-e-f-g-h-i a-b c-d e-f g-h i"  # words of several keys
    lines = pl.concat([lines, lines_of([wide, "كوفيد 19، لقاح", "a b c d e f g h i، x، y"])])
    for model in (Model.empty(), fit(lines)):
        counts = learn(lines, model)
        stood = counts.delimited()
        by_text, by_hash = Sums.of(counts), Sums.of(stood).plus(weigh(numbered(lines), model))
        assert len(by_text.longer.hashes) > 1
        assert stood.phrases["n_expected"].to_list() == [0] * 5
        for one, other in zip(astuple(by_text)[:3], astuple(by_hash)[:3], strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_a_model_does_not_know_is_still_counted() -> None:
    lines, _ = aggregator(40, salt=5)
    sums = Sums.of(learn(lines[:20]))
    beside = Sums.of(learn(lines[20:]))
    known = sums.without_rare(0.25)
    assert 0 < len(known.phrases.hashes) < len(sums.phrases.hashes)
    assert known.phrases.values.min() >= 0.25
    assert known.n_phrases == sums.n_phrases
    # What is to be added to others stays where they have it: only the sum says what is rare.
    together = sums.without_rare(0.25, beside=beside).plus(beside).without_rare(0.25)
    whole = sums.plus(beside).without_rare(0.25)
    for one, other in zip(astuple(together), astuple(whole), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_more_lines_the_more_of_them_must_hold_a_phrase() -> None:
    assert [lines_needed(n) for n in (0, 50_000, 250_000, 10**9)] == [0, 0.1, 0.5, 0.5]


def test_counts_tell_by_how_much_more_lines_make_the_totals_grow() -> None:
    lines, _ = aggregator(40, salt=4)
    before, more, both = learn(lines[:25]), learn(lines[25:]), learn(lines)
    assert before.totals() + before.gain(more) == both.totals()
    assert Counts.none().gain(more) == more.totals()


def test_numbered_lines_come_back_from_bytes_as_they_were() -> None:
    lines, _ = aggregator(40, salt=6)
    parts = [*numbered(lines), *numbered(lines_of(["غزة  غزة", "أ ب، ج"])), *numbered(lines[:3])]
    found = list(load_lines(dump_lines(parts)))
    assert len(found) == len(parts)
    for one, other in zip(found, parts, strict=True):
        for mine, theirs in zip(astuple(one), astuple(other), strict=True):
            np.testing.assert_array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype
    assert list(load_lines(b"")) == []
    with pytest.raises(ValueError):
        list(load_lines(dump_lines(parts)[:-3]))

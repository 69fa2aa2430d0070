"""Lines are read alike by the compiled loop and by NumPy, to the last bit."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from keyword_lines import aggregator, lines_of

from marsad.parse.keywords import Model, encoded, fit
from marsad.parse.keywords.built import IS_BUILT
from marsad.parse.keywords.encoded import Numbered, undelimited
from marsad.parse.keywords.reading import Asked, read_by_loop, read_by_numpy

pytestmark = pytest.mark.skipif(not IS_BUILT, reason="no compiled loop")

#: Words of several kinds, one that folds to two, one that separates, and one that no tag has.
WORDS = ["القوات", "الأميركية", "حماس", "في", "بن", "عبد", "2024", "bbc", "كوفيد-19", "…", "زقزقة"]
#: Some of the words, some of them again and again.
LINES = st.lists(
    st.lists(st.sampled_from(WORDS) | st.just("غزة غزة"), min_size=1, max_size=30).map(" ".join),
    min_size=1,
    max_size=6,
)
MODELS = [Model.empty(), fit(aggregator(80, salt=5)[0])]


@settings(deadline=None)  # lines of a thousand words are slow by NumPy
@pytest.mark.parametrize("asked", Asked)
@pytest.mark.parametrize("model", MODELS, ids=["no model", "a model"])
@given(raw=LINES, text=st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@example(raw=["القوات الأميركية " * 40], text="القوات الأميركية في القوات")
@example(raw=["غزة " * 700 + "حماس", "حماس في غزة"], text="غزة حماس")
@example(raw=[" ".join(f"{a} {b}" for a in WORDS for b in WORDS) * 3], text=" ".join(WORDS))
def test_the_loop_reads_as_numpy_does(
    model: Model, asked: Asked, raw: list[str], text: str
) -> None:
    lines = lines_of([*raw, "القوات الأميركية حماس"], [text] * (len(raw) + 1))
    for part in undelimited(lines):
        words = Numbered.of(part)
        found, expected = (read(words, model, asked) for read in (read_by_loop, read_by_numpy))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_aggregators_lines_are_read_alike_too() -> None:
    lines, _ = aggregator(300, salt=6)
    model = fit(lines)
    for asked in Asked:
        words = Numbered.of(next(undelimited(lines)))
        found, expected = (read(words, model, asked) for read in (read_by_loop, read_by_numpy))
        assert len(expected[0]) > 300
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


@given(st.lists(st.sampled_from(["", "ا", "غزة", "غزةغزةغزة"]) | st.text(max_size=20)))
def test_words_are_numbered_as_each_stands_first(words: list[str]) -> None:
    texts = [word.encode("utf-8", "replace").decode() for word in words]
    series = pl.Series(texts, dtype=pl.String)
    found = []
    for is_built in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(encoded, "IS_BUILT", is_built)
            found.append(encoded._number(series))
    assert found[0][0].tolist() == found[1][0].tolist()
    assert found[0][1].to_list() == found[1][1].to_list() == list(dict.fromkeys(texts))


def test_the_loop_refuses_what_lies_outside() -> None:
    from marsad.parse.keywords import _reading

    lines = lines_of(["القوات الأميركية حماس", "غزة حماس"], ["القوات الأميركية في غزة"] * 2)
    words, model = Numbered.of(next(undelimited(lines))), MODELS[1]
    given: dict[str, Any] = {}

    def keep(*arguments: Any) -> tuple[bytes, bytes, bytes]:
        given.update(enumerate(arguments))
        return b"", b"", b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_reading, "read_lines", keep)
        read_by_loop(words, model, Asked.BEST)
    arguments = list(given.values())
    _reading.read_lines(*arguments)
    sizes, n_spans, start, length, _, key, _, kind = range(8)
    for place, change in (
        (sizes, lambda a: a + 1),
        (sizes, lambda a: -a),
        (n_spans, lambda a: a * 2),
        (start, lambda a: a + 1000),
        (length, lambda a: a * 0),
        (key, lambda a: a - 1),
        (key, lambda a: a + 10_000),
        (kind, lambda a: a + 100),
        (9, lambda a: a[:-1]),
        (11, lambda a: a[:-1]),
        (12, lambda a: a[:-1]),
        (13, lambda a: a + 10_000_000),
        (13, lambda a: a[:-1]),
    ):
        wrong = list(arguments)
        wrong[place] = np.ascontiguousarray(change(wrong[place]))
        with pytest.raises(ValueError, match=r"line|word|table|class|weights|bucket|belongs"):
            _reading.read_lines(*wrong)
    for ends in ([4], [-1], [2, 1]):
        with pytest.raises(ValueError, match="outside"):
            _reading.number_words(b"abc", np.array(ends), 0)

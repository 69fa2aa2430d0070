"""Literals in texts: the compiled loop and Polars find the same places, and those Python finds."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marsad.parse import fold_native
from marsad.parse.literals import Hits, find_by_loop, find_by_polars

Way = Callable[[pl.Series, Sequence[str]], Hits]
WAYS: list[Way] = [find_by_loop, find_by_polars] if fold_native.IS_BUILT else [find_by_polars]

LITERALS = ["نقلت", "نقل", "لـ", "(واس", "أ ف ب", "a", "قل ق", "😀"]
PIECES = st.sampled_from([*LITERALS, " ", "\u00a0", "\n", "ن", "ق", "é", "👍", "رويترز", "\t"])


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=9), max_size=5))
@example([])
@example(["", "نقلت نقلت نقلت نقلت نقلت", "لـ\nلـلـ لـ"])
def test_literals_are_where_python_finds_them(way: Way, texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    expected = []
    for row, text in enumerate(texts):
        for number, literal in enumerate(LITERALS):
            words = re.escape(literal) + "[^ \u00a0\n]*(?:[ \u00a0]+[^ \u00a0\n]+){0,2}"
            windows = {match.start(): match[0] for match in re.finditer(words, text)}
            for at in range(len(text)):
                if text.startswith(literal, at):
                    expected.append((row, at, number, windows.get(at)))
    hits = way(pl.Series(texts, dtype=pl.String()), LITERALS)
    windows = dict(zip(hits.windowed.tolist(), hits.windows.to_list(), strict=True))
    places = (column.tolist() for column in (hits.row, hits.character, hits.literal))
    found = [(*place, windows.get(i)) for i, place in enumerate(zip(*places, strict=True))]
    assert found == sorted(expected, key=lambda hit: hit[:3])


def test_the_loop_refuses_literals_and_rows_that_are_none() -> None:
    if not fold_native.IS_BUILT:
        pytest.skip("no compiled loop")
    from marsad.parse import _native

    two = np.array([1, 2])
    for ends in ([4], [-1], [2, 1]):
        with pytest.raises(ValueError, match="outside"):
            _native.find_literals(b"abc", np.array(ends), b"ab", two)
        with pytest.raises(ValueError, match="outside"):
            _native.find_literals(b"abc", two, b"abc", np.array(ends))
    with pytest.raises(ValueError, match="empty"):
        _native.find_literals(b"abc", two, b"a", np.array([1, 1]))
    with pytest.raises(ValueError, match="too many"):
        _native.find_literals(b"abc", two, b"a" * 10_001, np.arange(1, 10_002))

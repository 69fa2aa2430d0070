"""Literals in texts: the compiled loop and Polars find the same places, and those Python finds."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marsad.parse.built import IS_BUILT
from marsad.parse.literals import BEHIND_LINE, Hits, find_by_loop, find_by_polars

Way = Callable[[pl.Series, Sequence[str]], Hits]
WAYS: list[Way] = [find_by_loop, find_by_polars] if IS_BUILT else [find_by_polars]

LITERALS = ["نقلت", "نقل", "لـ", "(واس", "أ ف ب", "a", "قل ق", "😀"]
SETS = [LITERALS, ["نقلت", "رويترز", "أ ف ب", "نقلت رو"], ["لـ", "نقلت", "😀"], []]
PIECES = st.sampled_from([*LITERALS, " ", "\u00a0", "\n", "ن", "ق", "é", "👍", "رويترز", "\t"])


@pytest.mark.parametrize("literals", SETS, ids=["any size", "long", "of four bytes", "none"])
@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(st.lists(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=9), max_size=5))
@example([])
@example(["", "نقلت نقلت نقلت نقلت نقلت", "لـ\nلـلـ لـ"])
def test_literals_are_where_python_finds_them(
    way: Way, literals: list[str], texts: list[str]
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    expected = []
    for row, text in enumerate(texts):
        for number, literal in enumerate(literals):
            words = re.escape(literal) + "[^ \u00a0\n]*(?:[ \u00a0]+[^ \u00a0\n]+){0,2}"
            windows = {match.start(): match[0] for match in re.finditer(words, text)}
            for at in range(len(text)):
                if text.startswith(literal, at):
                    expected.append((row, at, number, windows.get(at)))
    hits = way(pl.Series(texts, dtype=pl.String()), literals)
    windows = dict(zip(hits.windowed.tolist(), hits.windows.to_list(), strict=True))
    places = (column.tolist() for column in (hits.row, hits.character, hits.literal))
    found = [(*place, windows.get(i)) for i, place in enumerate(zip(*places, strict=True))]
    assert found == sorted(expected, key=lambda hit: hit[:3])
    assert [(hits.line_character[n], hits.lines[n]) for n in hits.line.tolist()] == [
        line_of(texts[row], at) for row, at, _, _ in found
    ]


def line_of(text: str, at: int) -> tuple[int, str]:
    """Where the line begins that a place is on, and the line with what little is behind it."""
    start = text.rfind("\n", 0, at) + 1
    return start, text[start : (text + "\n").index("\n", at) + BEHIND_LINE]


def test_the_loop_refuses_literals_and_rows_that_are_none() -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    from marsad.parse import _native

    two = np.array([1, 2])
    for ends in ([4], [-1], [2, 1]):
        with pytest.raises(ValueError, match="outside"):
            _native.find_hits(b"abc", np.array(ends), b"ab", two)
        with pytest.raises(ValueError, match="outside"):
            _native.find_hits(b"abc", two, b"abc", np.array(ends))
    with pytest.raises(ValueError, match="empty"):
        _native.find_hits(b"abc", two, b"a", np.array([1, 1]))
    with pytest.raises(ValueError, match="too many"):
        _native.find_hits(b"abc", two, b"a" * 10_001, np.arange(1, 10_002))

r"""Where some dozens of literals stand in texts, and the words that stand behind them.

The compiled loop goes once over the texts; Polars, where there is no loop, once for each literal.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
import polars as pl

from marsad.parse.fold_native import IS_BUILT
from marsad.parse.slices import Ints, packed, slices

if IS_BUILT:
    from marsad.parse import _native

# The rest of a literal's word, and the two words after it.
_WINDOW: Final = r"[^ \xa0\n]*(?:[ \xa0]+[^ \xa0\n]+){0,2}"


@dataclass(frozen=True, slots=True)
class Hits:
    """Places of literals, by row and place, and there by literal.

    Attributes:
        row: the text.
        literal: number of the literal.
        character: where it stands in its text, in code points.
        windows: of some of them, the literal with the rest of its word and the two words behind it
            on its line: of those that stand in no window of the same literal before them.
        windowed: numbers of those.
    """

    row: Ints
    literal: Ints
    character: Ints
    windows: pl.Series
    windowed: Ints


def find_literals(texts: pl.Series, literals: Sequence[str]) -> Hits:
    """Find literals in texts.

    Args:
        texts: String, none null.
        literals: none empty, and none twice.
    """
    return (find_by_loop if IS_BUILT else find_by_polars)(texts, literals)


def find_by_loop(texts: pl.Series, literals: Sequence[str]) -> Hits:
    """Find by the compiled loop."""
    data, ends = packed(texts)
    found = _native.find_literals(data, ends, *packed(pl.Series(literals, dtype=pl.String())))
    columns = np.ascontiguousarray(np.frombuffer(found, np.int64).reshape(-1, 5).T)
    row, literal, character, place, end = columns
    windowed = np.flatnonzero(end >= 0)
    windows = slices(data, place[windowed], end[windowed])
    return Hits(row, literal, character, windows, windowed)


def find_by_polars(texts: pl.Series, literals: Sequence[str]) -> Hits:
    """Find by Polars, and in the texts that have a literal by Python."""
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts})
    found = []
    for number, literal in enumerate(literals):
        window = re.compile(re.escape(literal) + _WINDOW)
        having = frame.filter(pl.col("text").str.contains(literal, literal=True))
        for row, text in having.iter_rows():
            ends = {match.start(): match.end() for match in window.finditer(text)}
            at = text.find(literal)
            while at >= 0:
                found.append((row, at, number, text[at : ends[at]] if at in ends else None))
                at = text.find(literal, at + 1)
    found.sort(key=itemgetter(0, 1, 2))
    places = np.array([each[:3] for each in found], dtype=np.int64).reshape(-1, 3)
    row, character, literal = np.ascontiguousarray(places.T)
    windows = pl.Series([each[3] for each in found], dtype=pl.String())
    windowed = np.flatnonzero(windows.is_not_null().to_numpy())
    return Hits(row, literal, character, windows.drop_nulls(), windowed)

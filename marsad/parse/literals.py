r"""Where some dozens of literals stand in texts, the words behind them, and their lines.

The compiled loop goes once over the texts; Polars, where there is no loop, once for each literal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
import polars as pl

from marsad.parse.built import IS_BUILT
from marsad.parse.slices import Ints, packed, slices

if IS_BUILT:
    from marsad.parse import _native

# The rest of a literal's word, and the two words after it.
_WINDOW: Final = r"[^ \xa0\n]*(?:[ \xa0]+[^ \xa0\n]+){0,2}"

#: So many characters of what stands behind a line come with it: as many as are looked at behind a
#: name (`marsad.parse.citation_context`, `SAME_BREATH`).
BEHIND_LINE: Final = 25


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
        line: number of the line that it stands on, among the lines of all places.
        lines: each with `BEHIND_LINE` characters of what stands behind it in its text.
        line_character: where each begins in its text.
    """

    row: Ints
    literal: Ints
    character: Ints
    windows: pl.Series
    windowed: Ints
    line: Ints
    lines: pl.Series
    line_character: Ints


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
    found = _native.find_hits(data, ends, *packed(pl.Series(literals, dtype=pl.String())))
    columns = np.ascontiguousarray(np.frombuffer(found, np.int64).reshape(-1, 8).T)
    row, literal, character, place, end, line_character, line_start, line_end = columns
    windowed = np.flatnonzero(end >= 0)
    windows = slices(data, place[windowed], end[windowed])
    opens_line = np.diff(line_start, prepend=-1) > 0
    first = np.flatnonzero(opens_line)
    lines = slices(data, line_start[first], line_end[first])
    line = np.cumsum(opens_line) - 1
    return Hits(row, literal, character, windows, windowed, line, lines, line_character[first])


def find_by_polars(texts: pl.Series, literals: Sequence[str]) -> Hits:
    """Find by Polars, and in the texts that have a literal by Python."""
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts})
    found = []
    texts_having = {}
    for number, literal in enumerate(literals):
        window = re.compile(re.escape(literal) + _WINDOW)
        having = frame.filter(pl.col("text").str.contains(literal, literal=True))
        for row, text in having.iter_rows():
            texts_having[row] = text
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
    windows = windows.drop_nulls()
    line, lines, line_character = _lines(texts_having, places[:, :2].tolist())
    return Hits(row, literal, character, windows, windowed, line, lines, line_character)


def _lines(texts: Mapping[int, str], places: list[list[int]]) -> tuple[Ints, pl.Series, Ints]:
    """Return of places, by row and character, the numbers of their lines; and of those `Hits`'."""
    line, lines, starts = [], [], []
    last, end = -1, 0
    for row, at in places:
        text = texts[row]
        if row != last or at > end:
            starts.append(text.rfind("\n", 0, at) + 1)
            newline = text.find("\n", at)
            last, end = row, newline if newline >= 0 else len(text)
            lines.append(text[starts[-1] : end + BEHIND_LINE])
        line.append(len(lines) - 1)
    return _ints(line), pl.Series(lines, dtype=pl.String()), _ints(starts)


def _ints(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)

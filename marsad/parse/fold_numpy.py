"""Folding by NumPy, for where no compiler was at hand: what `_native.fold_lines` does, slower."""

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.fold_map import fold_map
from marsad.parse.folds import Folds
from marsad.parse.slices import Bytes, Ints, packed, slices

# Code points that no fold contains (Unicode's noncharacters) carry meaning between the steps.
_DELETE: Final = 0xFDD0
_TEXT: Final = 0xFFFE  # folds to more than one character
_ROW: Final = 0xFFFF  # between rows
_SPACE: Final = 0x20

#: Spaces at the start of a row that are taken away at a stroke.
_INDENT: Final = 5

#: Code units that are folded at a time: small enough for a processor's cache.
_BATCH_BYTES: Final = 1 << 18

_Units = npt.NDArray[np.uint16 | np.uint32]


@dataclass(frozen=True, slots=True)
class _Tables:
    """The map as arrays that are indexed by code point.

    Attributes:
        wide: every code point's fold, or one of the marks above.
        narrow: the same for the Basic Multilingual Plane, as 16-bit units.
        texts: folds of more than one character, one after the other.
        start: of each code point marked as such, its place in `texts`.
        length: and how many characters it has; 1 for every other code point.
    """

    wide: npt.NDArray[np.uint32]
    narrow: npt.NDArray[np.uint16]
    texts: npt.NDArray[np.uint32]
    start: npt.NDArray[np.uint16]
    length: npt.NDArray[np.uint8]


@functools.cache
def _tables() -> _Tables:
    wide = np.arange(0x110000, dtype=np.uint32)
    start = np.zeros(0x110000, dtype=np.uint16)
    length = np.ones(0x110000, dtype=np.uint8)
    texts: list[int] = []
    for code, text in fold_map().items():
        if len(text) == 1:
            wide[code] = ord(text)
        elif not text:
            wide[code] = _DELETE
        else:
            wide[code], start[code], length[code] = _TEXT, len(texts), len(text)
            texts += map(ord, text)
    wide[_ROW] = _ROW
    narrow = np.where(wide[:0x10000] > 0xFFFF, _TEXT, wide[:0x10000]).astype(np.uint16)
    return _Tables(wide, narrow, np.array(texts, dtype=np.uint32), start, length)


def fold_texts(texts: pl.Series) -> pl.Series:
    """Return the fold of each text.

    Args:
        texts: String, none null.
    """
    row = chr(_ROW)
    if texts.str.contains(row, literal=True).any():
        texts = texts.str.replace_all(row, " ", literal=True)  # it folds to a space
    ends = texts.str.len_bytes().cast(pl.Int64).cum_sum().to_numpy()
    folded = [texts.clear()]
    first = 0
    while first < len(texts):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _BATCH_BYTES)))
        rows = _fold_joined(row.join(texts[first:last].to_list())).split(row)
        folded.append(pl.Series(texts.name, rows, dtype=pl.String()))
        first = last
    return pl.concat(folded, rechunk=True)


def fold_rows(data: Bytes, starts: Ints, ends: Ints) -> Folds:
    """Fold each part of a text; see `marsad.parse.arabic.fold_rows`."""
    rows = pl.LazyFrame({"fold": fold_texts(slices(data, starts, ends))}).select(
        spaced=pl.when(pl.col("fold") == "").then(pl.lit("")).otherwise(pl.col("fold") + " ")
    )
    spaced = rows.collect()["spaced"]
    folded, end = packed(spaced)
    size = np.diff(end, prepend=0)
    # Of each, one of its words ends with the space behind it.
    n_words = spaced.str.count_matches(" ", literal=True).cast(pl.Int64).to_numpy()
    return Folds(folded, end - size, end - (size > 0), n_words)


def _fold_joined(text: str) -> str:
    """Fold texts that are joined by `_ROW`; the fold is joined by it too."""
    data = text.encode("utf-16-le")
    folded = None
    if len(data) == 2 * len(text):  # all of it in the Basic Multilingual Plane
        folded = _fold_units(np.frombuffer(data, "<u2"))
    if folded is not None:
        return folded.tobytes().decode("utf-16-le")
    folded = _fold_units(np.frombuffer(text.encode("utf-32-le"), "<u4"))
    assert folded is not None
    return folded.tobytes().decode("utf-32-le")


def _fold_units(codes: _Units) -> _Units | None:
    """Fold code points; None where 16 bits cannot hold the fold (some Chinese characters)."""
    tables = _tables()
    narrow = codes.dtype.itemsize == 2
    out: _Units = np.empty(len(codes) + 2, dtype=codes.dtype)
    out[0] = out[-1] = _ROW
    table: npt.NDArray[Any] = tables.narrow if narrow else tables.wide
    np.take(table, codes, out=out[1:-1], mode="wrap")
    longer = np.flatnonzero(out == _TEXT)
    if len(longer):
        originals = codes[longer - 1]
        if narrow and (tables.wide[originals] > 0xFFFF).any():
            return None
        out = _insert_texts(out, originals, longer, tables)
    dropped = (out == _DELETE) | _idle_spaces(out)
    while dropped.any():  # twice nearly always, three times at most
        out = out[~dropped]
        dropped = _idle_spaces(out)
    return out[1:-1]


def _insert_texts(out: _Units, codes: _Units, at: npt.NDArray[np.intp], tables: _Tables) -> _Units:
    """Put folds of more than one character where their marks are."""
    counts = tables.length[codes].astype(np.intp)
    before = counts.cumsum() - counts
    within = np.arange(counts.sum()) - np.repeat(before, counts)
    into = np.repeat(at + before - np.arange(len(at)), counts) + within
    longer: _Units = np.empty(len(out) - len(at) + len(into), dtype=out.dtype)
    others = np.ones(len(longer), dtype=np.bool_)
    others[into] = False
    longer[others] = out[out != _TEXT]
    longer[into] = tables.texts[np.repeat(tables.start[codes].astype(np.intp), counts) + within]
    return longer


def _idle_spaces(units: _Units) -> npt.NDArray[np.bool_]:
    """Mark spaces before a space or the end of a row, and the first ones after such an end.

    As many as an indented item of a list begins with, whose mark is a space too: what is left is
    found when these are gone.
    """
    space: npt.NDArray[np.bool_] = units == _SPACE
    end: npt.NDArray[np.bool_] = units == _ROW
    idle = np.zeros_like(space)
    np.logical_or(space[1:], end[1:], out=idle[:-1])
    idle &= space
    opening = end
    for _ in range(_INDENT):
        opening = space[1:] & opening[:-1]
        idle[len(idle) - len(opening) :] |= opening
        space = space[1:]
    return idle

"""Splitting: where the lines of texts begin and end."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.built import IS_BUILT
from marsad.parse.slices import Bytes, Ints, bytes_of, packed, slices

if IS_BUILT:
    from marsad.parse import _native

#: What is taken off the ends of lines: every space, and marks that stand for nothing there.
EDGES: Final = (
    " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000\u200b\ufeff"
)
_GIVEN_EDGES: Final = b"".join(bytes([len(e.encode())]) + e.encode() for e in EDGES)
# How the UTF-8 of each of them begins, and the last two bytes of those that are not ASCII.
_FIRST_BYTES: Final = sorted({edge.encode()[0] for edge in EDGES})
_LAST_PAIRS: Final = sorted({int.from_bytes(edge.encode()[-2:], "big") for edge in EDGES[2:]})
_NEWLINE: Final = 0x0A


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of texts, less blank ones, in order.

    Attributes:
        data: UTF-8 in which they lie.
        start: of each line, its first byte, which begins none of `EDGES`.
        end: the byte behind its last.
        row: the text that it is of.
    """

    data: Bytes
    start: Ints
    end: Ints
    row: Ints


def split_rows(texts: pl.Series) -> Split:
    r"""Split texts at each `\n`.

    Args:
        texts: String, none null.
    """
    return split_by_loop(texts) if IS_BUILT else split_by_numpy(texts)


def split_by_loop(texts: pl.Series) -> Split:
    """Split by the compiled loop."""
    data, ends = packed(texts)
    found = np.frombuffer(_native.split_rows(data, ends, _GIVEN_EDGES), np.int64).reshape(-1, 3)
    return Split(data, *(np.ascontiguousarray(column) for column in found.T))


def split_by_numpy(texts: pl.Series) -> Split:
    """Split where no loop was compiled."""
    data, ends = bytes_of(texts)
    end = np.flatnonzero(data == _NEWLINE)
    start = np.append(0, end[:-1] + 1)[: len(end)]
    filled = np.flatnonzero(end > start)
    start, end = start[filled], end[filled]
    ragged = np.flatnonzero(_may_be_ragged(data, start, end))
    lines = slices(data, start[ragged], end[ragged])
    led = lines.str.strip_chars_start(EDGES)
    start[ragged] += _n_bytes(lines) - _n_bytes(led)
    end[ragged] = start[ragged] + _n_bytes(led.str.strip_chars_end(EDGES))
    filled = np.flatnonzero(end > start)
    start, end = start[filled], end[filled]
    return Split(data, start, end, np.searchsorted(ends, start, side="right"))


def _n_bytes(texts: pl.Series) -> Ints:
    return texts.str.len_bytes().cast(pl.Int64).to_numpy()


def _may_be_ragged(data: Bytes, start: Ints, end: Ints) -> npt.NDArray[np.bool_]:
    """Tell which lines may have an edge to be stripped: all that have, and few that have not."""
    last = data[end - 1]
    before = data[np.maximum(end - 2, 0)].astype(np.uint16)
    ragged: npt.NDArray[np.bool_] = np.isin(data[start], _FIRST_BYTES)
    ragged |= np.isin(last, _FIRST_BYTES[:2]) | np.isin((before << 8) | last, _LAST_PAIRS)
    return ragged

"""Hashes of words and phrases, many at a time, in memory only.

A text is hashed as a polynomial over its UTF-16 units, modulo 2^64. Prefix sums of it give the hash
of any run of words with two look-ups, whatever its length, so a phrase is compared with the whole
of a text at the cost of one number. No hash is ever stored.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BASE: Final = 0x9E3779B97F4A7C15  # odd, hence invertible modulo 2^64
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_WORD: Final = np.uint64(0xD6E8FEB86659FD93)
_ROW: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT: Final = np.uint64(32)
_SPACE, _LINE, _BETWEEN = 0x20, 0x0A, 0xFFFF
ROW_END: Final = chr(_BETWEEN)  # a noncharacter: no folded text holds it


def mixed(values: U64) -> U64:
    """Spread every bit of the values over all others."""
    values = (values ^ (values >> _SHIFT)) * _WORD
    values = (values ^ (values >> _SHIFT)) * _WORD
    result: U64 = values ^ (values >> _SHIFT)
    return result


@functools.lru_cache(maxsize=4)
def _powers(base: int, size: int) -> U64:
    powers = np.full(size, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of several texts, one text after the other.

    Attributes:
        start: where each word starts, in units of the joined texts.
        end: and where it ends.
        row: the text it stands in.
        units: the joined texts.
        sums: the polynomial's value up to each unit; one more than there are units.
        inverse: powers of the inverse base, at least as many as there are units.
    """

    start: Ints
    end: Ints
    row: Ints
    units: NDArray[np.uint16]
    sums: U64
    inverse: U64

    def keys(self, row: Ints, start: Ints, end: Ints, change: U64 | int = 0) -> U64:
        """Hash what stands between units; equal for equal texts in rows of the same number.

        Args:
            row: the row of each.
            start: its first unit.
            end: the unit behind its last.
            change: is added to the first unit.
        """
        value = (self.sums[end] - self.sums[start]) * self.inverse[start] + np.uint64(0) + change
        return mixed(value + row.astype(np.uint64) * _ROW)


def words_of(texts: Sequence[str]) -> Words:
    r"""Find the words of folded texts.

    Args:
        texts: words with one space or one `\n` between them; both count as the same.
    """
    units = np.frombuffer(ROW_END.join(texts).encode("utf-16-le", "surrogatepass"), "<u2")
    units = np.where(units == _LINE, np.uint16(_SPACE), units)
    between = units == _BETWEEN
    edge = np.ones(len(units) + 2, dtype=np.bool_)
    edge[1:-1] = between | (units == _SPACE)
    start = np.flatnonzero(edge[:-1] & ~edge[1:])
    end = np.flatnonzero(~edge[:-1] & edge[1:])
    row = np.zeros(len(start), dtype=np.int64)
    if between.any():
        row = np.searchsorted(np.flatnonzero(between), start)
    size = max(1 << 16, 1 << int(len(units) + 1).bit_length())
    sums = np.zeros(len(units) + 1, dtype=np.uint64)
    np.cumsum((units + np.uint64(1)) * _powers(_BASE, size)[: len(units)], out=sums[1:])
    return Words(start, end, row, units, sums, _powers(_INVERSE, size))

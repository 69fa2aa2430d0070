"""Numbers by 64-bit hash, looked up millions at a time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import U64

_MAX_BITS: Final = 26


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by hash, in buckets by the hash's upper bits, a few buckets for each number.

    Attributes:
        hashes: sorted.
        values: one for one.
        first: where each bucket starts in them; one more than there are buckets.
        shift: how many lower bits do not choose the bucket.
        largest: how many hashes the fullest bucket holds.
    """

    hashes: U64
    values: NDArray[np.float64]
    first: NDArray[np.int32]
    shift: np.uint64
    largest: int

    @classmethod
    def of(cls, hashes: U64, values: NDArray[np.float64]) -> "Table":
        """Make a table; values of the same hash are added up."""
        order = np.argsort(hashes)
        ordered = hashes[order]
        is_first = np.ones(len(order), dtype=np.bool_)
        is_first[1:] = ordered[1:] != ordered[:-1]
        distinct = ordered[is_first]
        sums = np.zeros(len(distinct))
        np.add.at(sums, np.cumsum(is_first) - 1, values[order])
        bits = min(_MAX_BITS, max(10, int(2 * len(distinct)).bit_length()))
        shift = np.uint64(64 - bits)
        sizes = np.bincount((distinct >> shift).astype(np.int64), minlength=1 << bits)
        first = np.zeros((1 << bits) + 1, dtype=np.int32)
        np.cumsum(sizes, out=first[1:])
        return cls(distinct, sums, first, shift, int(sizes.max()))

    def find(self, hashes: U64) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return which of the hashes are in the table, in no order, and their numbers."""
        bucket = hashes >> self.shift
        at = self.first[bucket]
        asked = np.flatnonzero(self.first[bucket + np.uint64(1)] > at)
        at, wanted = at[asked], hashes[asked]
        found, places = [], []
        for _ in range(self.largest):
            here = self.hashes[at]
            hit = here == wanted
            found.append(asked[hit])
            places.append(at[hit])
            # Buckets are sorted; past a larger hash there is nothing to find.
            on = (here < wanted) & (at + 1 < len(self.hashes))
            asked, wanted, at = asked[on], wanted[on], at[on] + 1
            if not len(asked):
                break
        if not found:
            return np.zeros(0, dtype=np.intp), np.zeros(0)
        return np.concatenate(found), self.values[np.concatenate(places)]

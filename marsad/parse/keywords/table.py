"""Numbers by 64-bit hash, looked up millions at a time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import U64, Ints
from marsad.parse.keywords.sums import HashSums

_MAX_BITS: Final = 24  # 64 MB of buckets, in each worker
_LAST: Final = np.uint64((1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by hash, in buckets by the hash's upper bits, some more buckets than hashes.

    Attributes:
        hashes: sorted, and one behind them that no bucket has.
        values: one for one; of one or more numbers each, which are 0 for the last.
        first: of each bucket, where it starts in them; of an empty one, the number of hashes.
        shift: how many lower bits do not choose the bucket.
        largest: how many hashes the fullest bucket holds.
    """

    hashes: U64
    values: NDArray[np.float64]
    first: NDArray[np.int32]
    shift: np.uint64
    largest: int

    @classmethod
    def of(cls, sums: HashSums) -> "Table":
        """Make a table of sums."""
        distinct = sums.hashes
        bits = min(_MAX_BITS, max(10, int(4 * len(distinct)).bit_length()))
        shift = np.uint64(64 - bits)
        bucket = (distinct >> shift).astype(np.int64)
        sizes = np.bincount(bucket, minlength=1 << bits)
        first = np.full(1 << bits, len(distinct), dtype=np.int32)
        first[bucket[::-1]] = np.arange(len(distinct))[::-1]
        values = sums.values if sums.values.ndim == 2 else sums.values[:, None]
        values = np.concatenate([values, np.zeros((1, values.shape[1]))])
        return cls(np.append(distinct, _LAST), values, first, shift, int(sizes.max()))

    def beside(self, sums: HashSums) -> "Table":
        """Return a table that has further numbers: 0 where a hash is in one of both alone."""
        n = self.values.shape[1]
        hashes = np.concatenate([self.hashes[:-1], sums.hashes])
        values = np.zeros((len(hashes), n + 1))
        values[: len(self), :n] = self.values[:-1]
        values[len(self) :, n] = sums.values
        return Table.of(HashSums.of(hashes, values))

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.values) - 1

    def find(self, hashes: U64) -> tuple[Ints, NDArray[np.float64]]:
        """Return which of the hashes are in the table, in no order, and their numbers."""
        at = self.first.take((hashes >> self.shift).view(np.int64))
        asked = np.flatnonzero(at < len(self))
        at, wanted = at[asked], hashes[asked]
        found, places = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int32)]
        for _ in range(self.largest):
            here = self.hashes.take(at)
            hit = np.flatnonzero(here == wanted)
            found.append(asked[hit])
            places.append(at[hit])
            # Hashes are sorted; past a larger one there is nothing to find.
            on = np.flatnonzero(here < wanted)
            asked, wanted, at = asked[on], wanted[on], at[on] + 1
            if not len(asked):
                break
        return np.concatenate(found), self.values.take(np.concatenate(places), axis=0)

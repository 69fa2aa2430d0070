"""Numbers that depend on a seed, a stream and a place, and on nothing else.

The counter-based SplitMix64 hash gives every page its own numbers, so that page i is the same
whichever process makes it and however many pages are asked for. Only integer arithmetic and exact
IEEE operations are used: NumPy does not promise its own streams across versions, nor a C library
its `pow` across machines.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MASK: Final = 2**64 - 1
_STEP: Final = 0x9E3779B97F4A7C15  # SplitMix64: the golden ratio times 2**64
_MULTIPLY_1: Final = 0xBF58476D1CE4E5B9
_MULTIPLY_2: Final = 0x94D049BB133111EB
_FRACTION: Final = 2.0**-53


def hash_number(*numbers: int) -> int:
    """Return a 64-bit hash of whole numbers."""
    state = 0
    for number in numbers:
        state = (state * _STEP + number + _STEP) & _MASK
        state = ((state ^ (state >> 30)) * _MULTIPLY_1) & _MASK
        state = ((state ^ (state >> 27)) * _MULTIPLY_2) & _MASK
        state ^= state >> 31
    return state


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_MULTIPLY_1)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_MULTIPLY_2)
    return values ^ (values >> np.uint64(31))


def draws(seed: int, stream: int, places: NDArray[np.uint64], width: int) -> NDArray[np.uint64]:
    """Return `width` 64-bit numbers for each place, shape (places, width)."""
    base = _mix(places * np.uint64(_STEP) + np.uint64(hash_number(seed, stream)))
    columns = np.arange(1, width + 1, dtype=np.uint64) * np.uint64(_STEP)
    return _mix(base[:, None] + columns[None, :])


def fractions(numbers: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Map 64-bit numbers to [0, 1), exactly."""
    return (numbers >> np.uint64(11)).astype(np.float64) * _FRACTION


def zipf_ranks(numbers: NDArray[np.uint64], n_ranks: int) -> NDArray[np.int64]:
    """Map 64-bit numbers to ranks 0 to n_ranks - 1, rank k as often as 1 / (k + 1)."""
    weights = np.cumsum(1.0 / np.arange(1, n_ranks + 1, dtype=np.float64))
    ranks: NDArray[np.int64] = np.searchsorted(
        weights, fractions(numbers) * weights[-1], side="right"
    )
    return ranks

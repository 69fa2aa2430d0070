"""Work on the lattices of many lines: phrases' probabilities, and the best cut."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from marsad.parse.keywords.encoded import Encoded
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import Ints
from marsad.parse.keywords.lattice import NEVER, Floats, all_cuts, best_cuts, posteriors

_CELLS: Final = 1 << 15


def probabilities(encoded: Encoded, scores: Floats) -> Floats:
    """Return the probability of every phrase to be a keyword.

    Args:
        encoded: the lines.
        scores: of every phrase, words by lengths.
    """
    ruled = _ruled(encoded, scores)
    result = np.zeros_like(ruled)
    for at in _padded(encoded):
        result[at] = posteriors(_laid_out(ruled, at)).transpose(0, 2, 1)
    return result[:-1]


def cut(encoded: Encoded, scores: Floats) -> Ints:
    """Cut lines in the best way: of each word the length of the keyword that starts there, or 0."""
    ruled = _ruled(encoded, scores)
    result = np.zeros(len(ruled), dtype=np.int64)
    for at in _padded(encoded):
        result[at] = best_cuts(_laid_out(ruled, at))
    return result[:-1]


def log_sums(encoded: Encoded, scores: Floats) -> float:
    """Return the log of the summed weight of all cuts, summed over the lines."""
    ruled = _ruled(encoded, scores)
    return sum(float(all_cuts(_laid_out(ruled, at)).sum(dtype=float)) for at in _padded(encoded))


def _ruled(encoded: Encoded, scores: Floats) -> Floats:
    """Rule out phrases that reach too far, and append a word that stands for padding."""
    ruled = np.full((len(scores) + 1, MAX_WORDS), NEVER, dtype=np.float32)
    reachable = np.arange(MAX_WORDS) < encoded.reach[:, None]
    np.copyto(ruled[:-1], scores, where=reachable)
    ruled[-1, 0] = 0
    return ruled


def _laid_out(ruled: Floats, at: Ints) -> Floats:
    return np.ascontiguousarray(ruled[at].transpose(0, 2, 1))


def _padded(encoded: Encoded) -> Iterator[Ints]:
    """Yield groups of stretches of about one length; no phrase goes past the end of a stretch.

    Yields:
        Words by stretches: the number of each word in `encoded`, -1 past the stretch's end.
    """
    words = np.flatnonzero(encoded.reach > 0)
    first = np.ones(len(words), dtype=np.bool_)
    first[1:] = (encoded.reach[words[:-1]] == 1) | (np.diff(words) > 1)
    starts = np.flatnonzero(first)
    size = np.diff(np.append(starts, len(words)))
    begins = words[starts]
    order = np.argsort(size, kind="stable")
    sizes = size[order]
    done = 0
    while done < len(order):
        # Little padding: the longest has at most a quarter more words than the shortest.
        widest = int(sizes[done]) * 5 // 4
        last = min(done + max(1, _CELLS // widest), int(np.searchsorted(sizes, widest, "right")))
        chosen = order[done:last]
        place = np.arange(int(sizes[last - 1]))[:, None]
        yield np.where(place < size[chosen], begins[chosen] + place, -1)
        done = last

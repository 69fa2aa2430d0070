"""Every way to cut lines of words into phrases: the best one, and how sure each phrase is.

Lines are padded to one length and worked on together, because one step over a thousand lines
costs NumPy little more than one over ten. A score is that of a phrase, by its first word, its
length less 1, and its line; a cut of a line scores the sum over its phrases. `NEVER` rules a phrase
out. The lines come last, so that a step works on memory in order.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
#: Stands for minus infinity, without its NaNs.
NEVER = np.float32(-1e6)


def posteriors(scores: Floats) -> Floats:
    """Return the probability of each phrase: the share of the weight of the cuts that hold it.

    Args:
        scores: words, lengths, lines. A padding word is a phrase of score 0; a phrase that goes
            past the end of its line is `NEVER`.
    """
    size, longest, _ = scores.shape
    before = _sums(_by_end(scores))
    # Read backwards, the phrases that start at a word are those that end there.
    after = _sums(scores[::-1])[::-1]
    result = np.zeros_like(scores)
    for n in range(1, min(longest, size) + 1):
        log = before[: size - n + 1] + scores[: size - n + 1, n - 1] + after[n:] - before[-1]
        result[: size - n + 1, n - 1] = np.exp(np.minimum(log, 0))
    return result


def all_cuts(scores: Floats) -> Floats:
    """Return the log of the summed weight of all cuts, by line."""
    total: Floats = _sums(_by_end(scores))[-1]
    return total


def best_cuts(scores: Floats) -> Bytes:
    """Return of each word the length of the phrase that starts there in the best cut, else 0.

    Args:
        scores: as for `posteriors`.

    Returns:
        Words, lines.
    """
    size, longest, lines = scores.shape
    ending = _by_end(scores)
    total = np.full((size + 1, lines), NEVER, dtype=np.float32)
    total[0] = 0
    chosen = np.ones((size + 1, lines), dtype=np.int64)
    for end in range(1, size + 1):
        reach = min(longest, end)
        steps = ending[end - 1, :reach] + total[end - reach : end][::-1]
        chosen[end] = steps.argmax(axis=0) + 1
        total[end] = steps.max(axis=0)
    result = np.zeros((size, lines), dtype=np.uint8)
    line, at = np.arange(lines), np.full(lines, size)
    while line.size:
        n = chosen[at, line]
        at = at - n
        result[at, line] = n
        line, at = line[at > 0], at[at > 0]
    return result


def _by_end(scores: Floats) -> Floats:
    """Return scores by the last word of the phrase instead of the first."""
    ending = np.full_like(scores, NEVER)
    size = len(scores)
    for n in range(1, min(scores.shape[1], size) + 1):
        ending[n - 1 :, n - 1] = scores[: size - n + 1, n - 1]
    return ending


def _sums(ending: Floats) -> Floats:
    """Return the log of the summed weight of all cuts of each line's first words."""
    size, longest, lines = ending.shape
    total = np.full((size + 1, lines), NEVER, dtype=np.float32)
    total[0] = 0
    for end in range(1, size + 1):
        reach = min(longest, end)
        steps = ending[end - 1, :reach] + total[end - reach : end][::-1]
        best = steps.max(axis=0)
        steps -= best
        np.exp(steps, out=steps)
        total[end] = best + np.log(steps.sum(axis=0))
    return total

"""Every way to cut stretches of words into phrases: the best one, and how sure each phrase is.

Many stretches are worked on together, because one step over a thousand of them costs NumPy little
more than one over ten. They stand side by side, the longest first, so that those which have a word
at a place are always the first so many: no stretch is padded. A score is that of a phrase; a cut of
a stretch scores the sum over its phrases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import Ints

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
#: Stands for minus infinity, without its NaNs.
NEVER: Final = np.float32(-1e6)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Stretches of words side by side.

    Scores are laid out in blocks, one for each place in a stretch: lengths by stretches, of the
    phrases that start with the word at this place.

    Attributes:
        sizes: words of each stretch, the longest first.
        words: numbers of the words: the first of each stretch, then the second of each that has
            one, and so on.
        blocks: of each place the number of its first word in `words`; and their number.
        longest: words that a phrase may have.
        scores: of each phrase, where its score is.
        before: and the joint before it, in sums over joints by stretches.
        length: and its words, less 1.
        column: and its stretch.
    """

    sizes: Ints
    words: Ints
    blocks: list[int]
    longest: int
    scores: Numbers
    before: Numbers
    length: Numbers
    column: Numbers

    @classmethod
    def of(cls, begins: Ints, sizes: Ints, reach: Ints, longest: int) -> "Lattice":
        """Lay out stretches, and number their phrases by word and length.

        Args:
            begins: number of the first word of each.
            sizes: and how many words it has, one at least.
            reach: of each word, how many a phrase from there may have, up to `longest` and to the
                end of its stretch.
            longest: words that a phrase may have.
        """
        order = np.argsort(-sizes, kind="stable")
        begins, sizes = begins[order], sizes[order]
        deepest = int(sizes[0]) if len(sizes) else 0
        active = len(sizes) - np.searchsorted(sizes[::-1], np.arange(deepest), side="right")
        blocks = np.append(0, np.cumsum(active))
        column = np.arange(blocks[-1]) - np.repeat(blocks[:-1], active)
        place = np.repeat(np.arange(deepest), active)
        words = begins[column] + place
        # By word again, and then by phrase: four bytes each, for they are many.
        first, before, step, columns = np.zeros((4, len(reach)), dtype=np.int32)
        first[words] = longest * np.repeat(blocks[:-1], active) + column
        before[words] = place * len(sizes) + column
        step[words] = np.repeat(active, active)
        columns[words] = column
        length = np.arange(int(reach.sum()), dtype=np.int32)
        length -= np.repeat((reach.cumsum() - reach).astype(np.int32), reach)
        return cls(
            sizes,
            words,
            blocks.tolist(),
            longest,
            np.repeat(first, reach) + length * np.repeat(step, reach),
            np.repeat(before, reach),
            length,
            np.repeat(columns, reach),
        )

    def laid_out(self, scores: Floats) -> Floats:
        """Lay out scores of phrases."""
        result = np.full(self.longest * self.blocks[-1], NEVER, dtype=np.float32)
        result[self.scores] = scores
        return result

    def from_left(self, scores: Floats) -> Floats:
        """Return the log of the summed weight of all cuts before joints; joints by stretches."""
        sums = np.empty((len(self.blocks), len(self.sizes)), dtype=np.float32)
        sums[0] = 0
        for place, steps in self._arriving(scores, sums):
            _log_sum(steps, sums[place + 1, : steps.shape[1]])
        return sums

    def from_right(self, scores: Floats) -> Floats:
        """Return the log of the summed weight of all cuts behind each joint.

        Returns:
            Joints by stretches, before as many rows as a phrase may have words.
        """
        shape = (len(self.blocks) + self.longest, len(self.sizes))
        sums = np.full(shape, NEVER, dtype=np.float32)
        sums[self.sizes, np.arange(len(self.sizes))] = 0
        room = np.empty(self.longest * len(self.sizes), dtype=np.float32)
        for place in reversed(range(len(self.blocks) - 1)):
            block = self._block(scores, place)
            steps = room[: block.size].reshape(block.shape)
            size = block.shape[1]
            np.add(block, sums[place + 1 : place + 1 + self.longest, :size], out=steps)
            _log_sum(steps, sums[place, :size])
        return sums

    def whole(self, left: Floats) -> Floats:
        """Return the log of the summed weight of all cuts of each stretch, of `from_left`."""
        result: Floats = left[self.sizes, np.arange(len(self.sizes))]
        return result

    def probabilities(self, scores: Floats, chosen: Ints) -> Floats:
        """Return the probability of phrases: the share of the weight of the cuts that hold them.

        Args:
            scores: as `laid_out` does.
            chosen: numbers of phrases.
        """
        left, right = self.from_left(scores), self.from_right(scores)
        before = self.before.take(chosen)
        log = left.reshape(-1).take(before)
        log += scores.take(self.scores.take(chosen))
        log += right.reshape(-1).take(before + (self.length.take(chosen) + 1) * len(self.sizes))
        log -= self.whole(left).take(self.column.take(chosen))
        np.minimum(log, 0, out=log)
        return np.exp(log, out=log)

    def best(self, scores: Floats) -> tuple[Ints, Ints]:
        """Return the phrases of the best cuts, in no order: first words, and lengths.

        Args:
            scores: as `laid_out` does.
        """
        total = np.empty((len(self.blocks), len(self.sizes)), dtype=np.float32)
        total[0] = 0
        chosen = np.zeros(total.shape, dtype=np.int64)
        for place, steps in self._arriving(scores, total):
            steps.argmax(axis=0, out=chosen[place + 1, : steps.shape[1]])
            steps.max(axis=0, out=total[place + 1, : steps.shape[1]])
        column, at = np.arange(len(self.sizes)), self.sizes
        blocks = np.array(self.blocks)
        first, sizes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        while len(column):
            size = chosen[at, column] + 1
            at = at - size
            first.append(self.words[blocks[at] + column])
            sizes.append(size)
            column, at = column[at > 0], at[at > 0]
        return np.concatenate(first), np.concatenate(sizes)

    def _arriving(self, scores: Floats, totals: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield for each place what arrives behind its word: lengths by stretches.

        Args:
            scores: as `laid_out` does.
            totals: of joints by stretches; the caller fills in the next of what is yielded.
        """
        blocks = [self._block(scores, place) for place in range(len(self.blocks) - 1)]
        room = np.empty(self.longest * len(self.sizes), dtype=np.float32)
        for place, block in enumerate(blocks):
            size = block.shape[1]
            steps = room[: min(self.longest, place + 1) * size].reshape(-1, size)
            for length, step in enumerate(steps):
                first = place - length
                np.add(blocks[first][length, :size], totals[first, :size], out=step)
            yield place, steps

    def _block(self, scores: Floats, place: int) -> Floats:
        begin, end = self.blocks[place : place + 2]
        return scores[self.longest * begin : self.longest * end].reshape(self.longest, -1)


def _log_sum(steps: Floats, total: Floats) -> None:
    """Add weights over the first dimension, in logs; the steps are used up."""
    best = steps.max(axis=0)
    steps -= best
    np.exp(steps, out=steps)
    steps.sum(axis=0, out=total)
    np.log(total, out=total)
    total += best

"""Every way to cut stretches of words into phrases: the best one, and how sure each phrase is.

Many stretches are worked on together, because one step over a thousand of them costs NumPy little
more than one over ten. They stand side by side, the longest first, so that those which have a word
at a place are always the first so many: no stretch is padded. The weight of a cut of a stretch is
the product over its phrases. Of what is summed up from the left, no more than the ratios between
neighbouring joints is kept, so that no stretch is too long for the numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import Ints

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Stretches of words side by side.

    What phrases have is laid out in blocks, one for each place in a stretch: lengths by stretches,
    of the phrases that start with the word at this place.

    Attributes:
        sizes: words of each stretch, the longest first.
        words: numbers of the words: the first of each stretch, then the second of each that has
            one, and so on.
        blocks: of each place the number of its first word in `words`; and their number.
        longest: words that a phrase may have.
        places: of each phrase, where it is laid out.
    """

    sizes: Ints
    words: Ints
    blocks: list[int]
    longest: int
    places: NDArray[np.int32]

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
        words = begins[column] + np.repeat(np.arange(deepest), active)
        # By word again, and then by phrase: four bytes each, for they are many.
        first, step = np.zeros((2, len(reach)), dtype=np.int32)
        first[words] = longest * np.repeat(blocks[:-1], active) + column
        step[words] = np.repeat(active, active)
        length = np.arange(int(reach.sum()), dtype=np.int32)
        length -= np.repeat((reach.cumsum() - reach).astype(np.int32), reach)
        places = np.repeat(first, reach) + length * np.repeat(step, reach)
        return cls(sizes, words, blocks.tolist(), longest, places)

    def laid_out(self, weights: Floats) -> Floats:
        """Lay out weights of phrases."""
        result = np.zeros(self.longest * self.blocks[-1])
        result[self.places] = weights
        return result

    def probabilities(self, weights: Floats) -> Floats:
        """Return the probability of every phrase: the share of the weight of the cuts that hold it.

        Args:
            weights: as `laid_out` does.

        Returns:
            One for one.
        """
        chances = np.zeros(len(weights))
        blocks = self._by_place(chances)

        def share(joint: int, steps: Floats) -> Floats:
            """Of all that arrives at this joint, how much by each phrase."""
            part: Floats = 1 / _total(steps)
            for length, step in enumerate(steps):
                np.multiply(step, part, out=blocks[joint - 1 - length][length, : len(part)])
            return part

        self._arrive(weights, share)
        joints = np.zeros((len(self.blocks), len(self.sizes)))
        joints[self.sizes, np.arange(len(self.sizes))] = 1
        for joint in reversed(range(1, len(self.blocks))):
            size = blocks[joint - 1].shape[1]
            for length in range(min(self.longest, joint)):
                chance = blocks[joint - 1 - length][length, :size]
                chance *= joints[joint, :size]
                joints[joint - 1 - length, :size] += chance
        return chances

    def log_sums(self, weights: Floats) -> float:
        """Return the log of the summed weight of all cuts of a stretch, summed over stretches.

        Args:
            weights: as `laid_out` does.
        """
        logs: list[float] = []

        def add(_: int, steps: Floats) -> Floats:
            total = _total(steps)
            logs.append(float(np.log(total).sum()))
            return 1 / total

        self._arrive(weights, add)
        return sum(logs)

    def best(self, weights: Floats) -> tuple[Ints, Ints]:
        """Return the phrases of the best cuts, in no order: first words, and lengths.

        Args:
            weights: as `laid_out` does.
        """
        chosen = np.zeros((len(self.blocks), len(self.sizes)), dtype=np.int64)

        def choose(joint: int, steps: Floats) -> Floats:
            steps.argmax(axis=0, out=chosen[joint, : steps.shape[1]])
            part: Floats = 1 / steps.max(axis=0)
            return part

        self._arrive(weights, choose)
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

    def _arrive(self, weights: Floats, at_joint: Callable[[int, Floats], Floats]) -> None:
        """Go over the joints from left to right, with what arrives at each.

        Args:
            weights: as `laid_out` does.
            at_joint: is given the number of the joint, from 1, and what arrives there, lengths by
                stretches; returns what that is multiplied by to be about 1, for each stretch. What
                is kept of the joints before is their ratio to the newest.
        """
        blocks = self._by_place(weights)
        before = np.zeros((self.longest, len(self.sizes)))
        before[0] = 1
        for joint in range(1, len(self.blocks)):
            size = blocks[joint - 1].shape[1]
            steps = np.empty((min(self.longest, joint), size))
            for length, step in enumerate(steps):
                block = blocks[joint - 1 - length]
                np.multiply(before[length, :size], block[length, :size], out=step)
            before[1:, :size] = before[:-1, :size] * at_joint(joint, steps)
            before[0, :size] = 1

    def _by_place(self, laid_out: Floats) -> list[Floats]:
        """Return the block of each place: lengths by stretches."""
        return [
            laid_out[self.longest * begin : self.longest * end].reshape(self.longest, -1)
            for begin, end in zip(self.blocks[:-1], self.blocks[1:], strict=True)
        ]


def _total(steps: Floats) -> Floats:
    """Add up over the first dimension, in its order."""
    total: Floats = steps[0].copy()
    for step in steps[1:]:
        total += step
    return total

"""The lattice of many lines: phrases' probabilities, and the best cut."""

from dataclasses import dataclass

import numpy as np

from marsad.parse.keywords.encoded import Encoded
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import Ints
from marsad.parse.keywords.lattice import Floats, Lattice


@dataclass(frozen=True, slots=True)
class Stretches:
    """The phrases of lines with their weights; no phrase goes past the end of its stretch.

    Attributes:
        lattice: what the stretches are.
        weights: of the phrases, laid out.
    """

    lattice: Lattice
    weights: Floats

    @classmethod
    def of(cls, encoded: Encoded, weights: Floats) -> "Stretches":
        """Lay out lines.

        Args:
            encoded: the lines.
            weights: words by lengths, as `scores.weighted` returns them.
        """
        words = np.flatnonzero(encoded.reach)
        first = np.ones(len(words), dtype=np.bool_)
        first[1:] = (encoded.reach[words[:-1]] == 1) | (np.diff(words) > 1)
        starts = np.flatnonzero(first)
        size = np.diff(np.append(starts, len(words)))
        lattice = Lattice.of(words[starts], size, encoded.reach, MAX_WORDS)
        return cls(lattice, lattice.laid_out(weights.reshape(-1).take(encoded.cells)))

    def multiplied(self, factor: float, chosen: Ints, more: Floats) -> "Stretches":
        """Return other weights: multiplied by one factor for all, and one more for each chosen.

        Args:
            factor: of every phrase.
            chosen: numbers of some phrases in `encoded.cells`.
            more: of each of those, the other factor.
        """
        weights = self.weights * factor
        weights[self.lattice.places.take(chosen)] *= more
        return Stretches(self.lattice, weights)

    def probabilities(self) -> Floats:
        """Return the probability to be a keyword, of each of the phrases of `encoded.cells`."""
        return self.lattice.probabilities(self.weights).take(self.lattice.places)

    def log_sums(self) -> float:
        """Return the log of the summed weight of all cuts, summed over the lines."""
        return self.lattice.log_sums(self.weights)

    def best(self, encoded: Encoded) -> Ints:
        """Cut the lines in the best way; return the numbers of the phrases in `encoded.cells`."""
        first, size = self.lattice.best(self.weights)
        return np.sort(encoded.first_cell.take(first) + size - 1)

"""What is known of phrases, and the score that it gives them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from marsad.parse.keywords.counts import SCALE
from marsad.parse.keywords.encoded import Encoded
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import U64, Ints
from marsad.parse.keywords.lattice import Floats
from marsad.parse.keywords.scores import EVIDENCE, FORM, features, load_factors, weighted
from marsad.parse.keywords.stretches import Stretches
from marsad.parse.keywords.sums import HashSums, Sums, hashes_of
from marsad.parse.keywords.table import Table

#: By how much the weight of a phrase's form is above its probability: chosen on made-up lines.
FORM_FACTOR: Final = math.e
#: A name that the reference data knows counts as a keyword seen this often.
KNOWN_NAME: Final = 1.0
#: A phrase that is less probable than this in a line is not counted there. That bounds what a line
#: adds: of two hundred phrases some forty are left.
LEAST: Final = 1 / 64

_LEAST_UNSEEN: Final = 20.0
_MAX_UNSEEN: Final = 0.999


@dataclass(frozen=True, slots=True)
class Stage:
    """What one reading of all lines found.

    Attributes:
        n_unseen: belief in phrases that no other line has, on the scale of `n_phrases` (the
            concentration of a Dirichlet process).
        n_phrases: sum over the phrases.
    """

    n_unseen: float
    n_phrases: float

    @property
    def share_unseen(self) -> float:
        """What the weight of every phrase is multiplied by: the belief in what is unseen."""
        return self.n_unseen / (self.n_phrases + self.n_unseen)


@dataclass(frozen=True, slots=True)
class Model:
    """Which phrases are keywords, and how probable.

    The keywords of a line are taken to be drawn one by one: a phrase that was seen as a keyword in
    proportion to how often, any other in proportion to how its form looks and how probable its
    words are. What a line itself added to the counts is taken away before it is judged by them;
    otherwise each line would be its own best proof.

    Attributes:
        stages: readings of the lines, each judged with the one before it.
        phrases: expected number of lines in which each phrase is a keyword, by stages.
        words: number of times that each word stands in a line, which all readings find alike.
        n_words: sum over the words, those too of which it does not know how often they stand there.
        n_distinct_words: how many they are.
    """

    stages: tuple[Stage, ...]
    phrases: Table
    words: Table
    n_words: float
    n_distinct_words: int

    @classmethod
    def empty(cls) -> "Model":
        """Return the model that has seen nothing: form and the article's text decide."""
        nothing = HashSums(np.zeros(0, dtype=np.uint64), np.zeros((0, 0)))
        return cls((), Table.of(nothing), Table.of(HashSums.none()), 0.0, 0)

    def then(self, sums: Sums, known_names: Iterable[str] = ()) -> "Model":
        """Add a reading: the lines that are to be cut, learned again with this model.

        Args:
            sums: what `learn(lines, self)` counted, of all lines; those to be cut among them.
            known_names: folded names of sources, people and places.
        """
        names = pl.Series(sorted(set(known_names) - {""}), dtype=pl.String)
        names = names.filter(names.str.count_matches(" ", literal=True) < MAX_WORDS)
        # Names are no lines: they change neither how common words are, nor how many are new.
        times = np.concatenate([sums.phrases.values, sums.longer.values])
        known = HashSums.of(hashes_of(names), np.full(len(names), KNOWN_NAME))
        total = float(times.sum()) + sums.rest.n_phrases / SCALE
        once = float(times[times <= 1].sum()) + sums.rest.n_rare / SCALE
        return Model(
            (*self.stages, Stage(_n_unseen(total, once), total)),
            self.phrases.beside(sums.phrases.plus(known)),
            Table.of(sums.words),
            float(sums.words.values.sum()) + sums.rest.n_words,
            len(sums.words.hashes) + sums.rest.n_distinct_words,
        )

    def stretches(self, encoded: Encoded) -> Stretches:
        """Weigh every phrase: how much likelier it is as one keyword than its words by chance."""
        found = features(encoded)
        n_words, factors = len(encoded.line), load_factors()
        form = weighted(n_words, found, FORM, factors)
        base = Stretches.of(encoded, form * weighted(n_words, found, EVIDENCE, factors))
        if not self.stages:
            return base
        seen, times = self.phrases.find(encoded.phrases)
        cells = encoded.cells[seen]
        ratio = self._rarity(encoded, cells) * FORM_FACTOR / form.reshape(-1).take(cells)
        twins = Twins.of(encoded, seen)
        result = base
        for number, stage in enumerate(self.stages):
            own = shares(result.probabilities().take(seen), twins)
            others = times[:, number] - own / SCALE
            kept = np.flatnonzero(others >= LEAST)
            more = 1 + others[kept] * (ratio[kept] / stage.n_unseen)
            result = base.multiplied(stage.share_unseen, seen[kept], more)
        return result

    def rarities(self, hashes: U64) -> Floats:
        """Return how improbable words are, by their hashes: 1 by the probability of each."""
        found, counts = self.words.find(hashes)
        times = np.zeros(len(hashes))
        times[found] = counts[:, 0]
        result: Floats = (self.n_words + 0.5 * self.n_distinct_words + 1) / (times + 0.5)
        return result

    def _rarity(self, encoded: Encoded, cells: Ints) -> Floats:
        """Return how improbable the words of phrases are: the product over them."""
        rarity = self.rarities(encoded.hashes)[encoded.key]
        word, length = np.divmod(cells, MAX_WORDS)
        result = rarity[word]
        for n in range(1, MAX_WORDS):
            on = np.flatnonzero(length >= n)
            result[on] *= rarity[word[on] + n]
        return result


@dataclass(frozen=True, slots=True)
class Twins:
    """Which of some phrases their lines hold more than once.

    Attributes:
        at: their places among the phrases.
        number: of each, the number of its phrase in its line.
    """

    at: Ints
    number: Ints

    @classmethod
    def of(cls, encoded: Encoded, chosen: Ints) -> "Twins":
        """Find them among these of the phrases of `encoded.cells`."""
        numbers = np.full(len(encoded.cells), -1)
        numbers[encoded.twins] = encoded.twin
        number = numbers[chosen]
        at = np.flatnonzero(number >= 0)
        return cls(at, number[at])


def shares(probability: Floats, twins: Twins) -> Ints:
    """Return for phrases how sure their line is to hold each as a keyword, at any place.

    In parts of `SCALE`, as whole numbers, whose sum has no order; 0 where it is less than `LEAST`.
    """
    share = np.rint(probability * SCALE).astype(np.int64)
    sums = np.bincount(twins.number, weights=share[twins.at]).astype(np.int64)
    share[twins.at] = sums[twins.number]
    np.minimum(share, SCALE, out=share)
    share[share < LEAST * SCALE] = 0
    return share


def _n_unseen(total: float, once: float) -> float:
    """Estimate how much belief phrases deserve that no other line has.

    As Good and Turing did: their share is that of the phrases which were seen once. In a hundred
    lines of a hundred subjects nearly all are new, in a big lake's lines few.

    Args:
        total: lines in which each phrase is a keyword, over all phrases.
        once: the same over those that are keywords of one line or less.
    """
    share = min(once / total, _MAX_UNSEEN) if total else 0.0
    return max(_LEAST_UNSEEN, total * share / (1 - share))

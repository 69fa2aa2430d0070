"""What is known of phrases, and the score that it gives them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.counts import SCALE
from marsad.parse.keywords.encoded import Encoded
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.lattice import Floats
from marsad.parse.keywords.scores import EVIDENCE, FORM, features, weighted
from marsad.parse.keywords.stretches import probabilities
from marsad.parse.keywords.sums import HashSums, Sums, hashes_of
from marsad.parse.keywords.table import Table

#: What the score of a phrase's form is above its probability's logarithm: chosen on made-up lines.
FORM_OFFSET: Final = 1.0
#: A name that the reference data knows counts as a keyword seen this often.
KNOWN_NAME: Final = 1.0
#: A phrase that is less probable than this in a line is not counted there. That bounds what a line
#: adds: of two hundred phrases some forty are left.
LEAST: Final = 1 / 64

_LEAST_UNSEEN: Final = 20.0
_MAX_UNSEEN: Final = 0.999
_GRID: Final = 2.0**20


@dataclass(frozen=True, slots=True)
class Stage:
    """Phrases as one reading of all lines found them.

    Attributes:
        phrases: expected number of lines in which each phrase is a keyword.
        words: number of times that each word stands in a line.
        unseen: belief in phrases that no other line has, on the scale of `n_phrases` (the
            concentration of a Dirichlet process).
        n_phrases: sum over the phrases.
        n_words: sum over the words.
    """

    phrases: Table
    words: Table
    unseen: float
    n_phrases: float
    n_words: float


@dataclass(frozen=True, slots=True)
class Model:
    """Which phrases are keywords, and how probable.

    The keywords of a line are taken to be drawn one by one: a phrase that was seen as a keyword in
    proportion to how often, any other in proportion to how its form looks and how probable its
    words are. What a line itself added to the counts is taken away before it is judged by them;
    otherwise each line would be its own best proof.

    Attributes:
        stages: readings of the lines, each judged with the one before it.
    """

    stages: tuple[Stage, ...] = ()

    @classmethod
    def empty(cls) -> "Model":
        """Return the model that has seen nothing: form and the article's text decide."""
        return cls()

    def then(self, sums: Sums, known_names: Iterable[str] = ()) -> "Model":
        """Add a reading: the lines that are to be cut, learned again with this model.

        Args:
            sums: what `learn(lines, self)` counted, of all lines; those to be cut among them.
            known_names: folded names of sources, people and places.
        """
        return Model((*self.stages, _stage(sums, known_names)))

    def scores(self, encoded: Encoded) -> Floats:
        """Score every phrase: how much likelier it is as one keyword than its words by chance."""
        found = features(encoded)
        form, text = (weighted(encoded, found, names) for names in (FORM, EVIDENCE))
        scores: Floats = form + text
        for stage in self.stages:
            own = shares(encoded, probabilities(encoded, scores))
            scores = _learned(encoded, stage, own, form) + text
        return scores


def shares(encoded: Encoded, probability: Floats) -> Floats:
    """Return for every phrase how sure its line is to hold it as a keyword, at any place.

    Whole parts of `SCALE`, and 0 where it is less than `LEAST`.
    """
    share = probability.copy()
    flat = share.reshape(-1)
    sums = np.bincount(encoded.twin, weights=flat[encoded.twins])
    flat[encoded.twins] = np.minimum(sums, 1)[encoded.twin]
    share[share < LEAST] = 0
    rounded: Floats = np.rint(share * np.float32(SCALE)) / np.float32(SCALE)
    return rounded


def _learned(encoded: Encoded, stage: Stage, own: Floats, form: Floats) -> Floats:
    word_cells, word_times = stage.words.find(encoded.hashes)
    times = np.zeros(len(encoded.keys))
    times[word_cells] = word_times
    rarity = -np.log((times + 0.5) / (stage.n_words + 0.5 * len(stage.words) + 1))
    # On a grid on which their sums are exact: whatever other lines stand in the batch, the sum over
    # a phrase is the same.
    rarity = (np.rint(rarity * _GRID) / _GRID)[encoded.key]
    result: Floats = form + np.float32(np.log(stage.unseen))
    reachable = np.flatnonzero(np.arange(MAX_WORDS) < encoded.reach[:, None])
    found, counts = stage.phrases.find(encoded.phrases.reshape(-1)[reachable])
    cells = reachable[found]
    others = counts - own.reshape(-1)[cells]
    kept = others >= LEAST
    cells, others = cells[kept], others[kept]
    word, length = np.divmod(cells, MAX_WORDS)
    sums = np.append(0, np.cumsum(rarity))
    seen = np.log(others) + sums[word + length + 1] - sums[word] + FORM_OFFSET
    flat = result.reshape(-1)
    flat[cells] = np.logaddexp(flat[cells], seen.astype(np.float32))
    result -= np.float32(np.log(stage.n_phrases + stage.unseen))
    return result


def _stage(sums: Sums, known_names: Iterable[str]) -> Stage:
    names = pl.Series(sorted(set(known_names) - {""}), dtype=pl.String)
    names = names.filter(names.str.count_matches(" ", literal=True) < MAX_WORDS)
    # Names are no lines: they change neither how common words are, nor how many phrases are new.
    times = np.concatenate([sums.phrases.values, sums.longer.values])
    known = HashSums.of(hashes_of(names), np.full(len(names), KNOWN_NAME))
    return Stage(
        Table.of(sums.phrases.plus(known)),
        Table.of(sums.words),
        _unseen(times),
        float(times.sum()),
        float(sums.words.values.sum()),
    )


def _unseen(times: NDArray[np.float64]) -> float:
    """Estimate how much belief phrases deserve that no other line has.

    As Good and Turing did: their share is that of the phrases which were seen once. In a hundred
    lines of a hundred subjects nearly all are new, in a big lake's lines few.
    """
    total, once = float(times.sum()), float(times[times <= 1].sum())
    share = min(once / total, _MAX_UNSEEN) if total else 0.0
    return max(_LEAST_UNSEEN, total * share / (1 - share))

"""Weights of phrases before anything is learned: their form, and the article's own text.

A log-linear model (a semi-Markov conditional random field): the weight of a phrase is a product of
factors, one for its length, one for each joint between its words, and so on. Their logarithms are
data (`data/reference/keyword_weights.csv`), fitted by `data/reference/make_keyword_weights.py`.
"""

import csv
import functools
import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from marsad.parse.keywords.encoded import Encoded
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import Ints
from marsad.parse.keywords.word_classes import CLASSES
from marsad.settings import PROJECT_DIR

Floats = NDArray[np.float64]

TABLE: Final = PROJECT_DIR / "data" / "reference" / "keyword_weights.csv"
_LENGTHS: Final = 5  # from this many words on, lengths share a weight
_COUNTS: Final = 4
#: Shares of a line's words that its article's text holds. Where it holds all of them the tags were
#: drawn from the text, and what does not stand there is no tag; elsewhere it says less.
_COVER: Final = (0.4, 0.97)
_COVERS: Final = len(_COVER) + 1

#: Number of factors of each feature. Those of joints are indexed by word, of the joint with the
#: word before it; the others by phrase. The first three say what a phrase looks like, the others
#: what the article's text and the line itself say of it.
FEATURES: Final = {
    "joint_classes": len(CLASSES) ** 2,
    "length": MAX_WORDS,
    "start": len(CLASSES),
    "end": len(CLASSES),
    "joint_text": _COVERS * 10,
    "text": _COVERS * _LENGTHS * _COUNTS,
    "repeated": _LENGTHS * 2,
    "joint_repeated": 8,
}
FORM: Final = ("joint_classes", "length", "start", "end")
EVIDENCE: Final = ("joint_text", "text", "repeated", "joint_repeated")
JOINTS: Final = ("joint_classes", "joint_text", "joint_repeated")


def features(encoded: Encoded) -> dict[str, Ints]:
    """Return which factor of each feature applies: by word for joints, else by phrase.

    What all words or all lengths share stands there once: arrays broadcast to words by lengths.
    """
    n = len(encoded.line)
    length = np.arange(MAX_WORDS)
    binned = np.minimum(length, _LENGTHS - 1)
    cover = _cover(encoded)
    again = _repeated(encoded)
    previous = np.maximum(np.arange(n) - 1, 0)
    # Past the last word there is none, and no phrase.
    kinds = np.append(encoded.kind, np.zeros(MAX_WORDS - 1, dtype=np.int64))
    text = np.minimum(encoded.counts, _COUNTS - 1).astype(np.int64)
    text += (cover * (_LENGTHS * _COUNTS))[:, None]
    text += binned * _COUNTS
    return {
        "joint_classes": encoded.kind[previous] * len(CLASSES) + encoded.kind,
        "length": length,
        "start": encoded.kind[:, None],
        "end": sliding_window_view(kinds, MAX_WORDS),
        "joint_text": cover * 10 + _joint_text(encoded, previous),
        "text": text,
        "repeated": again + 2 * binned,
        # Of a pair: whether its first word, its second, and both together stand elsewhere too.
        "joint_repeated": 4 * again[previous, 0] + 2 * again[:, 0] + again[previous, 1],
    }


def _cover(encoded: Encoded) -> Ints:
    """Bin the share of a line's words that stand in the text, for each of its words."""
    held = np.bincount(encoded.line, weights=encoded.counts[:, 0] > 0)
    share = held / np.maximum(np.bincount(encoded.line), 1)
    return np.digitize(share, _COVER)[encoded.line]


def _joint_text(encoded: Encoded, previous: Ints) -> Ints:
    """Bin how a pair stands in the text: apart, or together in what share of its occurrences."""
    one = encoded.counts[:, 0].astype(np.int64)
    pair = encoded.counts[previous, 1].astype(np.int64)
    rarer = np.maximum(np.minimum(one[previous], one), 1)
    apart = 2 * (one[previous] > 0) + (one > 0)
    share = np.digitize(pair / rarer, [0.34, 0.67])
    return np.where(pair == 0, apart, 4 + 2 * share + (pair > 1))


def _repeated(encoded: Encoded) -> Ints:
    """Tell which phrases their line holds more than once."""
    result = np.zeros((len(encoded.line), MAX_WORDS), dtype=np.int64)
    result.reshape(-1)[encoded.cells[encoded.twins]] = 1
    return result


def weighted(
    n_words: int, found: dict[str, Ints], names: Iterable[str], factors: dict[str, Floats]
) -> Floats:
    """Multiply the factors of each phrase, over the named features.

    Args:
        n_words: of all lines.
        found: as `features` returns it.
        names: of the features.
        factors: of each feature, as `load_factors` returns them.

    Returns:
        Words by lengths. What stands there for phrases that go too far means nothing.
    """
    result = np.ones((n_words, MAX_WORDS))
    for name in names:
        values = factors[name].take(found[name])
        result *= _over_joints(values) if name in JOINTS else values
    return result


def _over_joints(values: Floats) -> Floats:
    """Multiply what each word gives as the second of a pair, over the pairs in each phrase."""
    result = np.ones((len(values), MAX_WORDS))
    for n in range(1, min(MAX_WORDS, len(values))):
        result[:, n] = result[:, n - 1]
        result[:-n, n] *= values[n:]
    return result


@functools.cache
def load_factors() -> dict[str, Floats]:
    """Return the factors of each feature, e to the power of the fitted weights; read once."""
    factors = {name: np.ones(size) for name, size in FEATURES.items()}
    with TABLE.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            factors[row["feature"]][int(row["number"])] = math.exp(float(row["weight"]))
    return factors

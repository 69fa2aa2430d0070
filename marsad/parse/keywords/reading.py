"""What lines without delimiters hold, and how they are cut best: by a compiled loop, or by NumPy.

Both find the same to the last bit: they make each product and each sum in one order, and what is
counted is in whole parts of `SCALE`. The loop (`_reading.c`) reads a line from its words to its cut
while a processor's nearest cache holds it; NumPy goes over thousands of lines for each step.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import polars as pl

from marsad.parse.keywords.built import IS_BUILT
from marsad.parse.keywords.encoded import Numbered, encode
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import U64, Ints
from marsad.parse.keywords.lattice import Floats
from marsad.parse.keywords.model import FORM_FACTOR, Model, Twins, shares
from marsad.parse.keywords.scores import FEATURES, load_factors
from marsad.parse.keywords.spelling import spelt
from marsad.parse.keywords.word_classes import CLASSES

if IS_BUILT:
    from marsad.parse.keywords import _reading


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of lines.

    Attributes:
        lines: the words that they have.
        cells: which they are, ascending: `MAX_WORDS` times the number of the first word, and the
            length less 1.
        hashes: of each, as `Encoded.phrases`.
    """

    lines: Numbered
    cells: Ints
    hashes: U64

    def spelt(self, chosen: Ints) -> pl.Series:
        """Spell some of the phrases, ascending numbers."""
        word, length = np.divmod(self.cells[chosen], MAX_WORDS)
        return spelt(self.lines.keys.gather(self.lines.key), word, length + 1)


def every_phrase(lines: pl.DataFrame) -> Phrases:
    """Return the phrases that may be keywords of lines, each once a line.

    Args:
        lines: `schema.KEYWORD_LINES` without delimiters, one at least.
    """
    words = Numbered.of(lines)
    cells, _, hashes = _read(words, Model.empty(), Asked.EVERY)
    return Phrases(words, cells, hashes)


def counted_phrases(words: Numbered, model: Model) -> tuple[Phrases, Ints]:
    """Return the phrases that count, each once a line, and how sure their lines are to hold them.

    Args:
        words: of lines without delimiters, one line at least.
        model: judges the lines; its counts hold theirs.

    Returns:
        The phrases, and in parts of `SCALE` how sure, one for one and above 0.
    """
    cells, share, hashes = _read(words, model, Asked.COUNTED)
    return Phrases(words, cells, hashes), share


def best_phrases(lines: pl.DataFrame, model: Model) -> tuple[Ints, Floats]:
    """Cut lines in the best way.

    Args:
        lines: `schema.KEYWORD_LINES` without delimiters, one at least.
        model: what is known of phrases.

    Returns:
        Cells as in `Phrases`, and the probability of each to be a keyword.
    """
    cells, bits, _ = _read(Numbered.of(lines), model, Asked.BEST)
    return cells, bits.view(np.float64)


class Asked(IntEnum):
    """What is asked of lines."""

    #: Every phrase.
    EVERY = 0
    #: The phrases that count, and in parts of `SCALE` how sure the line is to hold each.
    COUNTED = 1
    #: The phrases of the best cut, and the bits of the probability of each.
    BEST = 2


def read_by_loop(words: Numbered, model: Model, asked: Asked) -> tuple[Ints, Ints, U64]:
    """Read lines by the compiled loop; return cells, what is asked of them, and hashes."""
    table = model.phrases
    found = _reading.read_lines(
        words.sizes,
        words.n_spans,
        words.start,
        words.length,
        words.count,
        words.key,
        words.hashes,
        words.kind,
        model.rarities(words.hashes),
        np.concatenate([load_factors()[name] for name in FEATURES]),
        np.array([(s.share_unseen, s.n_unseen) for s in model.stages], dtype=np.float64),
        table.hashes,
        np.ascontiguousarray(table.values),
        table.first,
        asked,
        len(CLASSES),
        int(table.shift),
        FORM_FACTOR,
    )
    cells, values, hashes = (np.frombuffer(part, np.int64) for part in found)
    return cells, values, hashes.view(np.uint64)


def read_by_numpy(words: Numbered, model: Model, asked: Asked) -> tuple[Ints, Ints, U64]:
    """Read lines by NumPy; return cells, what is asked of them, and hashes."""
    encoded = encode(words)
    if asked is Asked.BEST:
        stretches = model.stretches(encoded)
        chosen = stretches.best(encoded)
        values = stretches.probabilities()[chosen].view(np.int64)
    else:
        # Of a phrase that its line holds at several places every place has the sum: count one.
        again = np.ones(len(encoded.twins), dtype=np.bool_)
        again[np.unique(encoded.twin, return_index=True)[1]] = False
        once = np.ones(len(encoded.cells), dtype=np.bool_)
        once[encoded.twins[again]] = False
        share = np.zeros(len(encoded.cells), dtype=np.int64)
        if asked is Asked.COUNTED:
            every = np.arange(len(encoded.cells))
            share = shares(model.stretches(encoded).probabilities(), Twins.of(encoded, every))
            once &= share > 0
        chosen = np.flatnonzero(once)
        values = share[chosen]
    return encoded.cells[chosen], values, encoded.phrases[chosen]


_read = read_by_loop if IS_BUILT else read_by_numpy

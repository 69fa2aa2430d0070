"""Phrases as texts: words with a space between them."""

import numpy as np
import polars as pl

from marsad.parse.keywords.hashing import Ints
from marsad.parse.slices import bytes_of, slices


def spelt(words: pl.Series, at: Ints, size: Ints) -> pl.Series:
    """Spell the phrases of `size` words from words `at` on.

    Args:
        words: String, none null.
        at: numbers of words, ascending.
        size: one for one, 1 or more.
    """
    if not len(at):
        return words.clear()
    data = bytes_of(words.str.join(" "))[0]
    ends = np.cumsum(words.str.len_bytes().to_numpy().astype(np.int64) + 1)
    starts = np.append(0, ends[:-1])
    return slices(data, starts[at], ends[at + size - 1] - 1)

"""Phrases as texts: words with a space between them."""

import numpy as np
import polars as pl

from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import Ints


def spelt(words: pl.Series, at: Ints, size: Ints) -> pl.Series:
    """Spell the phrases of `size` words from words `at` on.

    Args:
        words: String.
        at: numbers of words.
        size: one for one, 1 to `MAX_WORDS`.
    """
    order = np.argsort(size, kind="stable")
    phrases = []
    for n in range(1, MAX_WORDS + 1):
        begin, end = np.searchsorted(size[order], [n, n + 1])
        parts = [words.gather(at[order[begin:end]] + k).alias(str(k)) for k in range(n)]
        frame = pl.DataFrame(parts)
        phrases.append(frame.select(phrase=pl.concat_str(pl.all(), separator=" "))["phrase"])
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return pl.concat(phrases).gather(back)

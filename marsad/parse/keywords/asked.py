"""Which counts lines can ask for: the phrases and words that stand in them."""

import numpy as np
import polars as pl

from marsad.parse.keywords.encoded import encode, undelimited
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import alike
from marsad.parse.keywords.spelling import spelt


def asked_phrases(lines: pl.DataFrame) -> pl.Series:
    """Return keyword_key: every phrase that may be a keyword of the lines; some more than once.

    Args:
        lines: `schema.KEYWORD_LINES`.
    """
    found = [lines.filter("is_delimited")["keys"].explode(empty_as_null=False)]
    for part in undelimited(lines):
        encoded = encode(part)
        distinct = np.flatnonzero(alike(encoded.phrases) == np.arange(len(encoded.phrases)))
        word, length = np.divmod(encoded.cells[distinct], MAX_WORDS)
        found.append(spelt(encoded.keys.gather(encoded.key), word, length + 1))
    return pl.concat(found).alias("keyword_key")


def asked_words(lines: pl.DataFrame) -> pl.Series:
    """Return word_key: every word of the lines, once.

    Args:
        lines: `schema.KEYWORD_LINES`.
    """
    return (
        lines["keys"]
        .explode(empty_as_null=False)
        .str.split(" ")
        .explode()
        .unique()
        .alias("word_key")
    )

"""Which counts lines can ask for: the phrases and words that stand in them."""

import numpy as np
import polars as pl

from marsad.parse.keywords.encoded import undelimited
from marsad.parse.keywords.hashing import alike
from marsad.parse.keywords.reading import every_phrase


def asked_phrases(lines: pl.DataFrame) -> pl.Series:
    """Return keyword_key: every phrase that may be a keyword of the lines; some more than once.

    Args:
        lines: `schema.KEYWORD_LINES`.
    """
    found = [lines.filter("is_delimited")["keys"].explode(empty_as_null=False)]
    for part in undelimited(lines):
        phrases = every_phrase(part)
        once = np.flatnonzero(alike(phrases.hashes) == np.arange(len(phrases.hashes)))
        found.append(phrases.spelt(once))
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

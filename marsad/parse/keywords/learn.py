"""Count what keyword lines say of phrases."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import polars as pl

from marsad.parse.keywords.counts import SCALE, Counts
from marsad.parse.keywords.encoded import Encoded, encode, undelimited
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import alike
from marsad.parse.keywords.model import Model, Twins, shares
from marsad.parse.keywords.spelling import spelt
from marsad.parse.keywords.sums import Sums
from marsad.schema import KEYWORD_PHRASES, KEYWORD_WORDS


def learn(lines: pl.DataFrame, model: Model | None = None) -> Counts:
    """Count the keywords of delimited lines, and of the others what is probably one.

    With no model each line is judged by itself, by its form and its article's text, as though
    nothing had been learned before. So counts of nights are sums, and no order of nights or lines
    changes them.

    Args:
        lines: `schema.KEYWORD_LINES`, one row an article: a line twice counts twice.
        model: judges the lines; its counts hold theirs.
    """
    delimited = lines.filter("is_delimited").select(keyword_key="keys").explode("keyword_key")
    stood = delimited.group_by("keyword_key").agg(
        n_delimited=pl.len().cast(pl.Int64), n_expected=pl.lit(0, pl.Int64)
    )
    words = delimited.select(word_key=pl.col("keyword_key").str.split(" ")).explode("word_key")
    judge = model or Model.empty()
    expected = [_expected(encode(part), judge) for part in undelimited(lines)]
    stand = lines.filter(~pl.col("is_delimited")).select(word_key="keys").explode("word_key")
    return Counts(
        pl.concat([stood, *expected]).group_by("keyword_key").sum().sort("keyword_key"),
        pl.concat([words, stand])
        .filter(pl.col("word_key") != "")
        .group_by("word_key")
        .agg(n=pl.len())
        .cast(KEYWORD_WORDS)
        .sort("word_key"),
    )


#: Readings of the lines that `fit` makes: on made-up lines the second gained two to three points of
#: F1, the third one, and a fourth less than half.
READINGS: Final = 3


def fit(
    lines: pl.DataFrame, counts: Counts | None = None, known_names: Iterable[str] = ()
) -> Model:
    """Make the model that cuts these lines, reading them `READINGS` times.

    Args:
        lines: `schema.KEYWORD_LINES`, which the memory holds.
        counts: what `learn` counted of other lines.
        known_names: folded names of sources, people and places.
    """
    return fit_with(lambda model: learn(lines, model), counts or Counts.none(), known_names)


def fit_with(
    read: Callable[[Model], Counts], before: Counts, known_names: Iterable[str] = ()
) -> Model:
    """Make a model by `READINGS` readings of lines that somebody else holds.

    Args:
        read: counts the lines as `learn` does, judged by a model; the first has seen nothing.
        before: what `learn` counted of other lines.
        known_names: folded names of sources, people and places.
    """
    names = sorted(set(known_names))
    others = Sums.of(before)
    model = Model.empty()
    for _ in range(READINGS):
        model = model.then(others.plus(Sums.of(read(model))), names)
    return model


def _expected(encoded: Encoded, model: Model) -> pl.DataFrame:
    """Return KEYWORD_PHRASES of lines without delimiters."""
    every = np.arange(len(encoded.cells))
    share = shares(model.stretches(encoded).probabilities(every), Twins.of(encoded, every))
    # Of a phrase that its line holds at several places every place has the sum: count one.
    again = np.ones(len(encoded.twins), dtype=np.bool_)
    again[np.unique(encoded.twin, return_index=True)[1]] = False
    share[encoded.twins[again]] = 0
    counted = np.flatnonzero(share)
    flat = np.rint(share[counted] * SCALE).astype(np.int64)
    hashes = encoded.phrases[counted]
    equals = alike(hashes)
    sums = np.bincount(equals, weights=flat, minlength=len(flat))
    distinct = np.flatnonzero(sums)
    at, length = np.divmod(encoded.cells[counted[distinct]], MAX_WORDS)
    return pl.DataFrame(
        {
            "keyword_key": spelt(encoded.keys.gather(encoded.key), at, length + 1),
            "n_delimited": np.zeros(len(at), dtype=np.int64),
            "n_expected": sums[distinct].astype(np.int64),
        },
        KEYWORD_PHRASES,
    )

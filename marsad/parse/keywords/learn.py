"""Count what keyword lines say of phrases."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import polars as pl

from marsad.parse.keywords.counts import SCALE, Counts
from marsad.parse.keywords.encoded import Numbered, numbered
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import U64, Ints, alike
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.reading import Phrases, counted_phrases
from marsad.parse.keywords.sums import Bools, Sums, hash_phrases
from marsad.schema import KEYWORD_PHRASES, KEYWORD_WORDS


def learn(lines: pl.DataFrame, model: Model | None = None) -> Counts:
    """Count the keywords of delimited lines, and of the others what is probably one.

    With no model each line is judged by itself, by its form and its article's text, as though
    nothing had been learned before. So counts of nights are sums, and no order of nights or lines
    changes them.

    Args:
        lines: `schema.KEYWORD_LINES`, one row an article: a line twice counts twice.
        model: judges the lines; its counts hold theirs.

    Returns:
        The counts, in the order of the texts.
    """
    return _sorted(*learn_hashed(lines, numbered(lines), model))


def _sorted(phrases: pl.DataFrame, words: pl.DataFrame) -> Counts:
    return Counts(
        phrases.select(KEYWORD_PHRASES.names()).sort("keyword_key"), words.sort("word_key")
    )


def learn_hashed(
    lines: pl.DataFrame, undelimited: Iterable[Numbered], model: Model | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count as `learn` does, in no order.

    Args:
        lines: as for `learn`.
        undelimited: those of them without delimiters, numbered.
        model: as for `learn`.

    Returns:
        KEYWORD_PHRASES with `hash` and `is_longer` of each phrase, as `hash_phrases` tells them;
        and KEYWORD_WORDS.
    """
    delimited = lines.filter("is_delimited").select(keyword_key="keys").explode("keyword_key")
    stood = delimited.group_by("keyword_key").agg(
        n_delimited=pl.len().cast(pl.Int64), n_expected=pl.lit(0, pl.Int64)
    )
    words = [
        delimited.select(
            word_key=pl.col("keyword_key").str.split(" "), n=pl.lit(1, pl.Int64)
        ).explode("word_key")
    ]
    judge = model or Model.empty()
    found = [_with_hashes(stood, *hash_phrases(stood["keyword_key"]))]
    for part in undelimited:
        phrases, share = counted_phrases(part, judge)
        found.append(_expected(phrases, share))
        stand = {"word_key": phrases.lines.keys, "n": np.bincount(phrases.lines.key)}
        words.append(pl.DataFrame(stand).cast(KEYWORD_WORDS))
    return (
        pl.concat(found)
        .group_by("hash", "is_longer")
        .agg(pl.col("keyword_key").first(), pl.col("n_delimited", "n_expected").sum()),
        pl.concat(words).filter(pl.col("word_key") != "").group_by("word_key").sum(),
    )


def weigh(lines: Iterable[Numbered], model: Model) -> Sums:
    """Sum up by hash what lines without delimiters hold, expected.

    It is what `learn` counts of their phrases, without the texts: all that a model needs of a
    further reading.

    Args:
        lines: those, numbered, one an article: a line twice counts twice.
        model: judges the lines; its counts hold theirs.
    """
    found = [_weighed(*counted_phrases(part, model)) for part in lines]
    return Sums.joined(found)


#: Of how many phrases one line must hold each, were it not for the most that is asked of any.
_PHRASES_A_LINE: Final = 500_000
_MOST_LINES: Final = 0.5

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
    undelimited = list(numbered(lines))
    once = _sorted(*learn_hashed(lines, undelimited))
    others = Sums.of(counts or Counts.none())
    first, same = (others.plus(Sums.of(part)) for part in (once, once.delimited()))
    return fit_with(first, same, lambda model: weigh(undelimited, model), known_names)


def lines_needed(n_phrases: float) -> float:
    """Return how many lines must hold a phrase, expected, for a model to know it.

    What few lines may hold, none of them surely, are mostly words that met by chance, and the more
    lines the more of those. On made-up lines of two vocabularies (5,000 and 50,000 tags) the best
    bound grew with the lines as this one does, from none for 1,000 lines to a half for 25,000; of
    60,000 lines it gains one to two points of F1, and leaves a ninth of the phrases to look up.

    Args:
        n_phrases: of all lines, the sum over their phrases (`Sums.n_phrases`).
    """
    return min(_MOST_LINES, n_phrases / _PHRASES_A_LINE)


def fit_with(
    first: Sums,
    same: Sums,
    read: Callable[[Model], Sums],
    known_names: Iterable[str] = (),
) -> Model:
    """Make a model by `READINGS` readings of lines that somebody else holds.

    Args:
        first: what `learn` counted of the lines with no model, which is the first reading, and of
            all others.
        same: of that what each reading counts alike: `Counts.delimited`, and all of the others.
        read: weighs the lines as `weigh` does, for each further one.
        known_names: folded names of sources, people and places.
    """
    names = sorted(set(known_names))
    least = lines_needed(first.n_phrases)
    model = Model.empty().then(first.without_rare(least), names)
    for _ in range(READINGS - 1):
        model = model.then(same.plus(read(model)).without_rare(least), names)
    return model


def _expected(phrases: Phrases, share: Ints) -> pl.DataFrame:
    """Return KEYWORD_PHRASES of lines without delimiters, with `hash` and `is_longer`."""
    equals = alike(phrases.hashes)
    sums = np.bincount(equals, weights=share, minlength=len(share))
    distinct = np.flatnonzero(sums)
    counts = pl.DataFrame(
        {
            "keyword_key": phrases.spelt(distinct),
            "n_delimited": np.zeros(len(distinct), dtype=np.int64),
            "n_expected": sums[distinct].astype(np.int64),
        },
        KEYWORD_PHRASES,
    )
    hashes, longer = _hashed(phrases)
    return _with_hashes(counts, hashes[distinct], longer[distinct])


def _weighed(phrases: Phrases, share: Ints) -> Sums:
    """Return what `_expected` does, by hash."""
    return Sums.of_phrases(*_hashed(phrases), share / SCALE)


def _hashed(phrases: Phrases) -> tuple[U64, Bools]:
    """Hash phrases as `hash_phrases` does, and tell which of them are longer."""
    keys, key = phrases.lines.keys, phrases.lines.key
    at, length = np.divmod(phrases.cells, MAX_WORDS)
    # A word as printed may fold to several (`كوفيد-19`, Covid-19), by which phrases are counted.
    spaces = keys.str.count_matches(" ", literal=True).to_numpy().astype(np.int64)
    before = np.append(0, np.cumsum(spaces[key]))
    wide = np.flatnonzero(before[at + length + 1] > before[at])
    hashes = phrases.hashes.copy()
    longer = np.zeros(len(hashes), dtype=np.bool_)
    hashes[wide], longer[wide] = hash_phrases(phrases.spelt(wide))
    return hashes, longer


def _with_hashes(counts: pl.DataFrame, hashes: U64, longer: Bools) -> pl.DataFrame:
    return counts.with_columns(hash=pl.Series(hashes), is_longer=pl.Series(longer))

"""Cut keyword lines into keywords."""

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.ids import hash_id
from marsad.parse.keywords.encoded import undelimited
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.lattice import Floats
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.reading import best_phrases
from marsad.parse.keywords.spelling import spelt
from marsad.schema import ARTICLE_KEYWORDS

#: Line through the log odds of keywords that counts judged, and of how often they were right.
_SLOPE: Final = 0.5
_SHIFT: Final = 0.85


def segment_lines(lines: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Cut keyword lines into keywords, each with the probability that it was cut rightly.

    `القوات الأميركية حماس القوات الأميركية` becomes `القوات الأميركية` (the American forces, first
    keyword, twice) and `حماس` (Hamas, second).

    Args:
        lines: `schema.KEYWORD_LINES`.
        model: what is known of phrases.

    Returns:
        `schema.ARTICLE_KEYWORDS`, in the order of the lines and of the keywords in them. Keywords
        that fold alike are one, printed as where they stand first.
    """
    found = cut_lines(lines, model)
    keywords = (
        found.with_columns(position=pl.int_range(pl.len(), dtype=pl.Int64))
        .with_columns(position=1 + pl.col("position") - pl.col("position").min().over("line"))
        .group_by("line", "keyword_key", maintain_order=True)
        .agg(
            pl.col("keyword", "position").first(),
            n_occurrences=pl.len(),
            # Right at one of its places is enough for the article to have it.
            confidence=pl.col("confidence").max(),
        )
    )
    distinct = keywords.select(pl.col("keyword_key").unique())
    ids = [_keyword_id(key) for key in distinct["keyword_key"]]
    distinct = distinct.with_columns(keyword_id=pl.Series(ids, dtype=pl.String))
    return (
        keywords.join(distinct, on="keyword_key", how="left", maintain_order="left")
        .with_columns(lines[name].gather(keywords["line"]) for name in ("page_id", "article_id"))
        .select(ARTICLE_KEYWORDS.names())
        .cast(ARTICLE_KEYWORDS)
    )


@lru_cache(maxsize=1 << 16)  # pages have the same keywords from batch to batch
def _keyword_id(keyword_key: str) -> str:
    return hash_id("keyword", keyword_key)


def cut_lines(lines: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Cut keyword lines into keywords, every occurrence of each.

    Args:
        lines: `schema.KEYWORD_LINES`.
        model: what is known of phrases.

    Returns:
        line (number of its row), keyword, keyword_key and confidence, in the order of the lines
        and of the keywords in them.
    """
    lines = lines.with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64))
    delimited, others = (lines.filter(side) for side in ("is_delimited", ~pl.col("is_delimited")))
    found = pl.concat([_delimited(delimited), _cut(others, model)])
    return found.sort("line", maintain_order=True)


def _delimited(lines: pl.DataFrame) -> pl.DataFrame:
    """Return what `cut_lines` does, of lines with delimiters."""
    return (
        lines.select("line", keyword="words", keyword_key="keys")
        .explode("keyword", "keyword_key")
        .with_columns(confidence=pl.lit(1.0))
    )


def _cut(lines: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Return what `cut_lines` does, of lines without delimiters."""
    cells, sure = [np.zeros(0, np.int64)], [np.zeros(0)]
    done = 0
    for part in undelimited(lines):
        found, probability = best_phrases(part, model)
        cells.append(found + done)
        sure.append(probability)
        done += MAX_WORDS * int(part["keys"].list.len().sum())
    first, length = np.divmod(np.concatenate(cells), MAX_WORDS)
    words = lines.select("line", "words", "keys").explode("words", "keys")
    return pl.DataFrame(
        {
            "line": words["line"].gather(first),
            "keyword": spelt(words["words"], first, length + 1),
            "keyword_key": spelt(words["keys"], first, length + 1),
            "confidence": calibrated(np.concatenate(sure), learned=bool(model.stages)),
        }
    )


def calibrated(probability: Floats, *, learned: bool) -> NDArray[np.float64]:
    """Return how often a keyword of this probability is right.

    Form and text alone say what they mean: on AKEC, cross-validated, 99 % of the keywords of a
    probability of 0.9 or more were right. Counts are surer than they should be, because they come
    from the lines that they judge: there the odds are brought down, by what two made-up worlds of
    5,000 lines showed.

    Args:
        probability: of the lattice.
        learned: whether counts had a say.
    """
    sure = np.clip(probability, 1e-9, 1 - 1e-9)
    if learned:
        odds = np.log(sure / (1 - sure))
        odds = np.minimum(odds, _SLOPE * odds + _SHIFT)
        sure = 1 / (1 + np.exp(-odds))
    return np.round(sure, 4)

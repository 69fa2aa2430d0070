"""Postings: which stem stands in which article, with its score, for the full-text index.

Articles are taken some ten thousand at a time, by several threads, and what is known of them is
kept in files meanwhile: what grows with the lake in memory is some bytes an article. Numbers are
sorted by NumPy: grouping the same rows in SQL took three times the processor's time.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint32]

#: Articles that are looked at together: a quarter of a row group of DuckDB's.
_CHUNK: Final = 30_720
_ARTICLE_BITS: Final = 15  # hold a place in a chunk
#: How much a word counts by where it stands; a title says most in the fewest words. Below 4.
_WEIGHTS: Final = {"title": 3, "keywords": 2, "lead": 1}
_WEIGHT_BITS: Final = 2
#: Saturation and length norm of BM25, at the values that Robertson and Zaragoza (2009) give.
_K1: Final = 1.2
_B: Final = 0.75
#: Scores are whole numbers of this part of one, which take less room and are summed faster.
_PARTS: Final = 1000
#: Postings that are written together, and rows in a row group of DuckDB's.
_BATCH: Final = 1_000_000
_ROW_GROUP: Final = 122_880


@dataclass(frozen=True, slots=True)
class Pieces:
    """The texts of some articles, as numbers of the pieces between their spaces.

    Attributes:
        first_article: number of the first article.
        distinct: Parquet file of the pieces, each once; their places are their numbers.
        codes: file with the number of each piece of each text, one column after the other.
        counts: of each column, how many pieces each article has there.
    """

    first_article: int
    distinct: Path
    codes: Path
    counts: dict[str, Counts]


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of some articles, in the order of their stems, then of the articles.

    Attributes:
        first_article: number of the first article.
        start: file with the first posting of each stem; one more at the end.
        articles: file with the article of each posting, counted from the first.
        weights: file with how much the stem counts there.
        lengths: of each article, the sum of its weights.
    """

    first_article: int
    start: Path
    articles: Path
    weights: Path
    lengths: Ints


def read_pieces(con: duckdb.DuckDBPyConnection, folder: Path, threads: int) -> list[Pieces]:
    """Cut title, keywords and lead of every article at its spaces.

    Args:
        con: a connection to the file with `articles`, whose numbers have no gap.
        folder: for what is kept meanwhile.
        threads: how many chunks are cut at a time.
    """
    row = con.execute("select coalesce(max(article_no), 0) from articles").fetchone()
    n_articles = 0 if row is None else int(row[0])
    turn = threading.Lock()  # a connection does one thing at a time

    def read(first: int) -> Pieces:
        with turn:
            texts = con.execute(
                f"select {', '.join(_WEIGHTS)} from articles"
                f" where article_no between {first} and {first + _CHUNK - 1} order by article_no"
            ).pl()
        return _cut(texts, first, folder)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, range(1, n_articles + 1, _CHUNK)))


def _cut(texts: pl.DataFrame, first: int, folder: Path) -> Pieces:
    counts, columns = {}, []
    for name in _WEIGHTS:
        pieces = texts[name].fill_null("").str.split(" ")
        counts[name] = pieces.list.len().to_numpy()
        columns.append(pieces.explode(empty_as_null=False))
    array = pl.concat(columns).to_arrow(compat_level=pl.CompatLevel.oldest())
    encoded = array.dictionary_encode()
    assert isinstance(encoded, pa.DictionaryArray)
    distinct, codes = folder / f"pieces-{first}.parquet", folder / f"codes-{first}"
    pl.DataFrame({"piece": encoded.dictionary}).write_parquet(distinct)
    encoded.indices.to_numpy().tofile(codes)
    return Pieces(first, distinct, codes, counts)


def count_postings(
    pieces: list[Pieces], terms: pl.DataFrame, n_terms: int, threads: int
) -> list[Postings]:
    """Weigh the stems of each article.

    Args:
        pieces: of all articles.
        terms: columns piece and term_no (from 1), a row a word of the piece.
        n_terms: how many stems there are.
        threads: how many chunks are counted at a time.
    """
    terms = terms.group_by("piece").agg("term_no")
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda some: _count(some, terms, n_terms), pieces))


def _count(pieces: Pieces, terms: pl.DataFrame, n_terms: int) -> Postings:
    columns = pieces.counts.values()
    marks = np.concatenate([np.repeat(np.arange(len(n)) << _WEIGHT_BITS, n) for n in columns])
    marks |= np.repeat(list(_WEIGHTS.values()), [n.sum() for n in columns])
    # One number says all of a word, and sorts as it should.
    words = _words(pieces, terms, marks)
    words.sort()
    keys = words >> _WEIGHT_BITS
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    weights = words & ((1 << _WEIGHT_BITS) - 1)
    weights = np.add.reduceat(weights, first) if len(first) else weights
    keys = keys[first]
    articles = keys & ((1 << _ARTICLE_BITS) - 1)
    folder, number = pieces.codes.parent, pieces.first_article
    postings = Postings(
        first_article=number,
        start=folder / f"start-{number}",
        articles=folder / f"articles-{number}",
        weights=folder / f"weights-{number}",
        lengths=np.bincount(articles, weights, len(next(iter(columns)))).astype(np.int64),
    )
    start = np.searchsorted(keys, np.arange(1, n_terms + 2) << _ARTICLE_BITS)
    start.astype(np.int64).tofile(postings.start)
    articles.astype(np.uint16).tofile(postings.articles)
    weights.astype(np.uint32).tofile(postings.weights)
    return postings


def _words(pieces: Pieces, terms: pl.DataFrame, marks: Ints) -> Ints:
    """Return for each word of each piece its stem, with the piece's mark in the lower bits.

    Most pieces are one word, some none, and some several.
    """
    of_piece = (
        pl.read_parquet(pieces.distinct)
        .join(terms, on="piece", how="left", maintain_order="left")["term_no"]
        .fill_null([])
    )
    n_words = of_piece.list.len().to_numpy().astype(np.int64)
    first_word = n_words.cumsum() - n_words
    stems = of_piece.explode(empty_as_null=False).to_numpy().astype(np.int64)
    codes = np.fromfile(pieces.codes, np.int32)
    pieces.codes.unlink()
    n_here = n_words[codes]
    nth = np.arange(n_here.sum()) - np.repeat(n_here.cumsum() - n_here, n_here)
    stem = stems[np.repeat(first_word[codes], n_here) + nth]
    words: Ints = stem << (_ARTICLE_BITS + _WEIGHT_BITS) | np.repeat(marks, n_here)
    return words


def write_scores(postings: list[Postings], folder: Path, threads: int) -> list[Path]:
    """Score every posting by BM25, and write them by stem, then by article.

    Args:
        postings: of all articles.
        folder: for the files.
        threads: how many files are written at a time.

    Returns:
        Parquet files, in order: term_no, article_no, score (Int32).
    """
    if not postings:
        return []
    lengths = np.concatenate([some.lengths for some in postings])
    n_articles = np.count_nonzero(lengths)
    norms = _K1 * (1 - _B + _B * lengths * n_articles / max(lengths.sum(), 1))
    n_with: Ints = sum((_sizes(_starts(some)) for some in postings), start=np.zeros(1, np.int64))
    rarities = (_K1 + 1) * np.log1p((n_articles - n_with + 0.5) / (n_with + 0.5))

    def write(batch: tuple[int, int]) -> Path:
        term, article, weight = _of_terms(postings, *batch)
        score = _PARTS * rarities[term] * weight / (weight + norms[article])
        path = folder / f"postings-{batch[0]:09}.parquet"
        pl.DataFrame(
            {
                "term_no": (term + 1).astype(np.int32),
                "article_no": (article + 1).astype(np.int32),
                "score": np.floor(score + 0.5).astype(np.int32),
            }
        ).write_parquet(
            path, compression="uncompressed", statistics=False, row_group_size=_ROW_GROUP
        )
        return path

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(write, _batches(n_with)))


def _batches(n_with: Ints) -> Iterator[tuple[int, int]]:
    """Part the stems into ranges with some million postings each."""
    ends = n_with.cumsum()
    first = 0
    while first < len(ends):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _BATCH)))
        yield first, last
        first = last


def _of_terms(postings: list[Postings], first: int, last: int) -> tuple[Ints, Ints, Ints]:
    """Return the postings of a range of stems: stem, article and weight, all counted from 0."""
    parts = []
    for some in postings:
        starts = _starts(some, first, last - first + 1)
        start, size = int(starts[0]), int(starts[-1] - starts[0])
        articles = np.fromfile(some.articles, np.uint16, size, offset=2 * start)
        weights = np.fromfile(some.weights, np.uint32, size, offset=4 * start)
        parts.append(
            (
                np.repeat(np.arange(first, last), _sizes(starts)),
                articles.astype(np.int64) + some.first_article - 1,
                weights.astype(np.int64),
            )
        )
    term, article, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Each part is in order, and parts follow one another by article.
    order = np.argsort(term, kind="stable")
    return term[order], article[order], weight[order]


def _starts(postings: Postings, first: int = 0, n: int = -1) -> Ints:
    """Read where the postings of so many stems start."""
    return np.fromfile(postings.start, np.int64, n, offset=first * np.dtype(np.int64).itemsize)


def _sizes(starts: Ints) -> Ints:
    sizes: Ints = starts[1:] - starts[:-1]
    return sizes

"""Invented articles, in blocks: article n depends on the seed and n alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marsad.synth.grammar import Grammar, Pool
from marsad.synth.randoms import draws, fractions, zipf_ranks
from marsad.synth.sources import Publisher, load_publishers
from marsad.synth.tags import KeywordLine, TagLines

#: Articles, and pages, that are made together and may refer to each other.
BLOCK: Final = 2048
#: Numbers from here on are articles of which a page knows only the title.
UNKNOWN: Final = 2**40

_ARTICLE_STREAM: Final = 1
_CLAUSE_STREAM: Final = 2
_TITLE_STREAM: Final = 3
_MIN_SENTENCES: Final = 6
_MAX_SENTENCES: Final = 30
_PHRASES: Final = (
    32768  # a symbol; more would cost memory, fewer would compress better than news do
)
_TITLE_PHRASES: Final = 8192  # a part: as many titles as its third power
_OPENER, _CORE, _TAIL, _HEAD, _OBJECT, _END, _TAGS_OPEN, _TAGS_CLOSE = range(8)
_ENDINGS: Final = (
    ("opener", (" ",)),
    ("core", (" ", "، ")),
    ("tail", (". ", ".\n\n", ". ", ".\n\n", ". ")),
    ("title_head", (" ",)),
    ("title_object", (" ",)),
    ("title_tail", ("",)),
    ("tag_open", (" ",)),
    ("tag_close", (".\n\n",)),
)


class Article(NamedTuple):
    """One article.

    Attributes:
        number: which.
        title: its title, in UTF-8.
        body: its paragraphs, in UTF-8, with a blank line between them.
        publisher: who printed it.
        keywords: its line of keywords.
        published_lag: days before the first night on which it was published, from 1.
    """

    number: int
    title: bytes
    body: bytes
    publisher: Publisher
    keywords: KeywordLine
    published_lag: int


@dataclass(frozen=True, slots=True)
class Press:
    """All that articles are made from.

    Attributes:
        grammar: the language.
        publishers: the most frequent first.
        seed: decides everything.
        pool: phrases made so far.
        tag_lines: keyword lines.
    """

    grammar: Grammar
    publishers: tuple[Publisher, ...]
    seed: int
    pool: Pool
    tag_lines: TagLines


def open_press(words: Path, seed: int) -> Press:
    """Read the word lists in the folder `words`.

    Args:
        words: folder with `grammar.toml` and `sources.toml`.
        seed: decides everything.
    """
    grammar = Grammar(words / "grammar.toml")
    return Press(
        grammar=grammar,
        publishers=load_publishers(words / "sources.toml"),
        seed=seed,
        pool=Pool(grammar, seed, _ENDINGS, _PHRASES),
        tag_lines=TagLines(grammar, seed),
    )


def titles(press: Press, numbers: NDArray[np.uint64]) -> list[bytes]:
    """Return the titles of articles, by number."""
    picks = draws(press.seed, _TITLE_STREAM, numbers, 3) % np.uint64(_TITLE_PHRASES)
    picks += np.array([_HEAD, _OBJECT, _END], dtype=np.uint64) * np.uint64(_PHRASES)
    phrase = press.pool.__getitem__
    return [b"".join(map(phrase, row)) for row in picks.tolist()]


def article_block(press: Press, block: int, delimited_share: float) -> list[Article]:
    """Return the articles of one block.

    Args:
        press: all that articles are made from.
        block: articles block * BLOCK to (block + 1) * BLOCK - 1.
        delimited_share: share of keyword lines that have delimiters.
    """
    first = block * BLOCK
    numbers = np.arange(first, first + BLOCK, dtype=np.uint64)
    general = draws(press.seed, _ARTICLE_STREAM, numbers, 6)
    shares = fractions(general)
    # Squared: many short articles, few long ones.
    lengths = _MIN_SENTENCES + (
        shares[:, 0] * shares[:, 0] * (_MAX_SENTENCES - _MIN_SENTENCES + 1)
    ).astype(np.int64)
    publishers = zipf_ranks(general[:, 1], len(press.publishers))
    lags = 1 + (shares[:, 2] * 30).astype(np.int64)
    clauses = draws(press.seed, _CLAUSE_STREAM, numbers, 3 * _MAX_SENTENCES) % np.uint64(_PHRASES)
    clauses += np.tile(
        np.array([_OPENER, _CORE, _TAIL], dtype=np.uint64) * np.uint64(_PHRASES), _MAX_SENTENCES
    )
    frames = (general[:, 3:5] % np.uint64(_PHRASES)) + np.array(
        [_TAGS_OPEN, _TAGS_CLOSE], dtype=np.uint64
    ) * np.uint64(_PHRASES)
    phrase = press.pool.__getitem__
    made = []
    for number, title, line, length, publisher, lag, row, frame in zip(
        numbers.tolist(),
        titles(press, numbers),
        press.tag_lines.lines(numbers, delimited_share),
        lengths.tolist(),
        publishers.tolist(),
        lags.tolist(),
        clauses,
        frames.tolist(),
        strict=True,
    ):
        about = " و".join(line.in_body).encode()
        named = b"".join((phrase(frame[0]), about, b" ", phrase(frame[1])))
        text = b"".join(map(phrase, row[: 3 * length].tolist()))
        body = named + text if number % 3 == 0 else text.rstrip() + b"\n\n" + named
        made.append(Article(number, title, body.rstrip(), press.publishers[publisher], line, lag))
    return made

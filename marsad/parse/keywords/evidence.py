"""Which phrases of a keyword line stand in the article's own text, and how often.

A phrase stands in the text where its words stand one after the other. Its first word may have a
proclitic there that the line has not: `وغزة` (and Gaza) is an occurrence of `غزة` (Gaza), and
`للعراق` (for Iraq) of `العراق` (Iraq).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import U64, Ints, Words, words_of

#: The longest phrase that is looked for, and the longest keyword that a line without delimiters
#: is cut into, in words.
MAX_WORDS: Final = 8
#: Words of a line that are looked for in the text: where a span starts is a 16-bit number.
MAX_LINE: Final = 1 << 16
_BATCH_CHARS: Final = 1 << 19

#: One-letter words that are written onto the next: and, so, in/with, to/for, like.
_PROCLITICS: Final = ("و", "ف", "ب", "ل", "ك")
_LAM: Final = ord("ل")  # to/for; before the article the article's alef is not written
_ALEF: Final = ord("ا")

SPANS: Final = pl.Schema(
    {"row": pl.Int64(), "start": pl.UInt16(), "length": pl.UInt8(), "count": pl.UInt16()}
)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where phrases may start in the texts: at words, and behind their proclitics.

    Attributes:
        word: the word.
        unit: the unit in it.
        change: what is added to the polynomial, to write `لل` (to the) as `ال` (the).
    """

    word: Ints
    unit: Ints
    change: U64

    def at(self, chosen: NDArray[np.bool_]) -> "_Places":
        return _Places(self.word[chosen], self.unit[chosen], self.change[chosen])


def find_spans(
    lines: Sequence[str], texts: Sequence[str], titles: Sequence[str] | None = None
) -> pl.DataFrame:
    r"""Find the phrases of each line in the text of the same row.

    Args:
        lines: folded words with one space between them.
        texts: folded texts, with one space or `\n` between words.
        titles: texts that belong to them; no phrase goes from a title into its text.

    Returns:
        SPANS, by row, start and length: the phrase of `length` words from word `start` (from 0)
        stands `count` times in the text. Same phrases at different places each have a row.
    """
    sizes = np.array([len(text) for text in texts], dtype=np.int64).cumsum()
    found = []
    first = 0
    while first < len(texts):
        done = sizes[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, done + _BATCH_CHARS)))
        above = titles[first:last] if titles else [""] * (last - first)
        both = [part for pair in zip(above, texts[first:last], strict=True) for part in pair]
        spans = _find_batch(words_of(lines[first:last]), words_of(both))
        found.append(spans.with_columns(pl.col("row") + first))
        first = last
    return pl.concat(found) if found else SPANS.to_frame()


def _find_batch(line: Words, text: Words) -> pl.DataFrame:
    """Find phrases of a line in the two rows of its title and text."""
    number = np.arange(len(line.row))
    number -= np.searchsorted(line.row, line.row)  # of each word in its line
    at = np.flatnonzero(number < MAX_LINE)
    places = _places(text)
    in_line = np.zeros(len(text.row), dtype=np.bool_)  # words that stand in the line as they are
    parts = []
    # A phrase of n words can only stand where its first n - 1 words do, and its last.
    for length in range(1, MAX_WORDS + 1):
        if length > 1:
            at = at[_continued(line, at, length)]
            places = places.at(_continued(text, places.word, length))
            places = places.at(in_line[places.word + length - 1])
        line_keys = line.keys(line.row[at], line.start[at], line.end[at + length - 1])
        text_keys = text.keys(
            text.row[places.word] // 2,
            places.unit,
            text.end[places.word + length - 1],
            places.change,
        )
        maybe = _maybe_in(line_keys, text_keys)
        places, text_keys = places.at(maybe), text_keys[maybe]
        keys, counts = np.unique(text_keys, return_counts=True)
        if not len(keys) or not len(at):
            break
        nearest = np.minimum(np.searchsorted(keys, line_keys), len(keys) - 1)
        hit = keys[nearest] == line_keys
        at = at[hit]
        parts.append((at, np.full(len(at), length), np.minimum(counts[nearest[hit]], 0xFFFF)))
        if length == 1:
            as_written = (places.unit == text.start[places.word]) & (places.change == 0)
            in_line[places.word[as_written]] = True
    if not parts:
        return SPANS.to_frame()
    at, lengths, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    columns = {"row": line.row[at], "start": number[at], "length": lengths, "count": found}
    return pl.DataFrame(columns).cast(SPANS).sort("row", "start", "length")


def _continued(words: Words, at: Ints, length: int) -> NDArray[np.bool_]:
    """Tell from which words on a row has `length` words."""
    last = np.minimum(at + length - 1, len(words.row) - 1)
    result: NDArray[np.bool_] = (at + length <= len(words.row)) & (words.row[last] == words.row[at])
    return result


def _places(text: Words) -> _Places:
    first = text.units[text.start]
    proclitic = np.isin(first, [ord(letter) for letter in _PROCLITICS])
    # What is left has three letters at least: of `ولد` (boy) the waw is no proclitic.
    behind = np.flatnonzero(proclitic & (text.end - text.start > 3))
    second = text.units[text.start[behind] + 1]
    with_article = (first[behind] == _LAM) & (second == _LAM)
    change = np.zeros(len(text.start) + len(behind), dtype=np.uint64)
    change[len(text.start) :][with_article] = np.uint64((_ALEF - _LAM) % (1 << 64))
    return _Places(
        word=np.concatenate([np.arange(len(text.start)), behind]),
        unit=np.concatenate([text.start, text.start[behind] + ~with_article]),
        change=change,
    )


def _maybe_in(known: U64, asked: U64) -> NDArray[np.bool_]:
    """Tell which hashes may be among the known: few that are not, and all that are."""
    bits = max(10, int(8 * len(known)).bit_length())
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=np.bool_)
    table[known >> shift] = True
    result: NDArray[np.bool_] = table[asked >> shift]
    return result

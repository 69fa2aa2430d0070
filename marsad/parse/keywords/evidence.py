"""Which phrases of a keyword line stand in the article's own text, and how often.

A phrase stands in the text where its words stand one after the other. Its first word may have a
proclitic there that the line has not: `وغزة` (and Gaza) is an occurrence of `غزة` (Gaza), and
`للعراق` (for Iraq) of `العراق` (Iraq).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.hashing import U64, Ints, Words, followed, opened, salts, words_of

#: The longest phrase that is looked for, and the longest keyword that a line without delimiters
#: is cut into, in words.
MAX_WORDS: Final = 8
#: Words of a line that are looked for in the text: where a span starts is a 16-bit number.
MAX_LINE: Final = 1 << 16
_BATCH_BYTES: Final = 1 << 20

#: One-letter words that are written onto the next: and, so, in/with, to/for, like.
_PROCLITICS: Final = ("و", "ف", "ب", "ل", "ك")
_LEAST_LETTERS: Final = 3  # of what a proclitic is written onto; of `ولد` (boy) the waw is none
_LETTER: Final = np.uint64(16)  # bits of an Arabic letter
_LAM: Final = int.from_bytes("ل".encode(), "little")  # to/for; eats the alef of the article
_ALEF: Final = int.from_bytes("ا".encode(), "little")
_HIGH_BITS: Final = np.uint64(0x8080808080808080)

SPANS: Final = pl.Schema(
    {"row": pl.Int64(), "start": pl.UInt16(), "length": pl.UInt8(), "count": pl.UInt16()}
)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where phrases may start in the texts: at words, and behind their proclitics.

    Attributes:
        word: the word.
        start: its first byte, or the one behind the proclitic.
        first: the first eight bytes from there; `لل` (to the) is read as `ال` (the).
        is_whole: whether it is the word as written.
    """

    word: Ints
    start: Ints
    first: U64
    is_whole: NDArray[np.bool_]

    def at(self, chosen: Ints) -> "_Places":
        return _Places(
            self.word[chosen], self.start[chosen], self.first[chosen], self.is_whole[chosen]
        )


def find_spans(lines: pl.Series, texts: pl.Series, titles: pl.Series | None = None) -> pl.DataFrame:
    r"""Find the phrases of each line in the text of the same row.

    Args:
        lines: String; folded words with one space between them.
        texts: String; folded texts, with one space or `\n` between words.
        titles: texts that belong to them; no phrase goes from a title into its text.

    Returns:
        SPANS, by row, start and length: the phrase of `length` words from word `start` (from 0)
        stands `count` times in the text. Same phrases at different places each have a row.
    """
    sizes = texts.str.len_bytes().cast(pl.Int64).cum_sum().to_numpy()
    found = []
    first = 0
    while first < len(texts):
        done = sizes[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, done + _BATCH_BYTES)))
        both = texts[first:last]
        if titles is not None:
            both = pl.concat([titles[first:last], both.rename(titles.name)])
        spans = _find_batch(words_of(lines[first:last]), words_of(both), last - first)
        found.append(spans.with_columns(pl.col("row") + first))
        first = last
    return pl.concat(found) if found else SPANS.to_frame()


def _find_batch(line: Words, text: Words, n_rows: int) -> pl.DataFrame:
    """Find phrases of each line in the texts of its number, a title and a body perhaps."""
    number = np.arange(len(line.row))
    number -= np.searchsorted(line.row, line.row)  # of each word in its line
    at = np.flatnonzero(number < MAX_LINE)
    salt = salts(n_rows)
    openings = opened(salt[line.row], line.unit(line.start, line.end))
    words = line.keys(openings, line.start, line.end)
    places = _places(text)
    # Most words of a text begin as no word of the line does, and are read no further.
    text_keys = opened(np.tile(salt, 2)[text.row[places.word]], places.first)
    maybe = _maybe_in(openings, text_keys)
    places = places.at(maybe)
    text_keys = text.keys(text_keys[maybe], places.start, text.end[places.word])
    text_words = np.zeros(len(text.row), dtype=np.uint64)  # as written, where the line may have it
    text_words[places.word[places.is_whole]] = text_keys[places.is_whole]
    in_line = np.zeros(len(text.row), dtype=np.bool_)
    line_keys = words[at]
    parts = []
    # A phrase of n words can only stand where its first n - 1 words do, and its last.
    for length in range(1, MAX_WORDS + 1):
        if length > 1:
            on = np.flatnonzero(_continued(line, at, length))
            at = at[on]
            line_keys = followed(line_keys[on], words[at + length - 1])
            on = np.flatnonzero(_continued(text, places.word, length))
            on = on[in_line[places.word[on] + length - 1]]
            places = places.at(on)
            text_keys = followed(text_keys[on], text_words[places.word + length - 1])
        maybe = _maybe_in(line_keys, text_keys)
        places, text_keys = places.at(maybe), text_keys[maybe]
        keys, counts = np.unique(text_keys, return_counts=True)
        if not len(keys) or not len(at):
            break
        nearest = np.minimum(np.searchsorted(keys, line_keys), len(keys) - 1)
        hit = keys[nearest] == line_keys
        at, line_keys = at[hit], line_keys[hit]
        parts.append((at, np.full(len(at), length), np.minimum(counts[nearest[hit]], 0xFFFF)))
        if length == 1:
            in_line[places.word[places.is_whole]] = True
    if not parts:
        return SPANS.to_frame()
    at, lengths, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(at * MAX_WORDS + lengths)
    at, lengths, found = at[order], lengths[order], found[order]
    columns = (line.row[at], number[at], lengths, found)
    return pl.DataFrame(
        [pl.Series(name, column) for name, column in zip(SPANS, columns, strict=True)]
    ).cast(SPANS)


def _continued(words: Words, at: Ints, length: int) -> NDArray[np.bool_]:
    """Tell from which words on a row has `length` words."""
    last = np.minimum(at + length - 1, len(words.row) - 1)
    result: NDArray[np.bool_] = (at + length <= len(words.row)) & (words.row[last] == words.row[at])
    return result


def _places(text: Words) -> _Places:
    first = text.unit(text.start, text.end)
    is_proclitic = np.zeros(1 << int(_LETTER), dtype=np.bool_)
    is_proclitic[[int.from_bytes(letter.encode(), "little") for letter in _PROCLITICS]] = True
    letter = np.uint64((1 << int(_LETTER)) - 1)
    size = text.end - text.start
    # Of each character in UTF-8 all bytes but its first have these two bits.
    inner = np.bitwise_count(first & ~(first << np.uint64(1)) & _HIGH_BITS)
    is_long = (size > first.itemsize) | (size - inner > _LEAST_LETTERS)
    behind = np.flatnonzero(is_proclitic[first & letter] & is_long)
    whole, end = first[behind], text.end[behind]
    with_article = (whole & letter == _LAM) & (whole >> _LETTER & letter == _LAM)
    start = text.start[behind] + np.where(with_article, 0, int(_LETTER) // 8)
    rest = np.where(with_article, whole ^ np.uint64(_LAM ^ _ALEF), text.unit(start, end))
    return _Places(
        word=np.concatenate([np.arange(len(text.start)), behind]),
        start=np.concatenate([text.start, start]),
        first=np.concatenate([first, rest]),
        is_whole=np.arange(len(text.start) + len(behind)) < len(text.start),
    )


def _maybe_in(known: U64, asked: U64) -> Ints:
    """Tell which hashes may be among the known: few that are not, and all that are."""
    bits = max(10, int(8 * len(known)).bit_length())
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=np.bool_)
    table[known >> shift] = True
    return np.flatnonzero(table[asked >> shift])

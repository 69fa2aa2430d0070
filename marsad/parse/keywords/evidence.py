"""Which phrases of a keyword line stand in the article's own text, and how often.

A phrase stands in the text where its words stand one after the other. Its first word may have a
proclitic there that the line has not: `وغزة` (and Gaza) is an occurrence of `غزة` (Gaza), and
`للعراق` (for Iraq) of `العراق` (Iraq).
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.built import IS_BUILT
from marsad.parse.keywords.hashing import (
    SALT,
    U64,
    Ints,
    Words,
    followed,
    matched,
    mixed,
    salts,
    words_of,
)
from marsad.parse.slices import packed

if IS_BUILT:
    from marsad.parse.keywords import _native

#: The longest phrase that is looked for, and the longest keyword that a line without delimiters
#: is cut into, in words.
MAX_WORDS: Final = 8
#: Words of a line that are looked for in the text: where a span starts is a 16-bit number.
MAX_LINE: Final = 1 << 16
_BATCH_BYTES: Final = 1 << 21

#: One-letter words that are written onto the next: and, so, in/with, to/for, like.
_PROCLITICS: Final = ("و", "ف", "ب", "ل", "ك")
_LEAST_LETTERS: Final = 3  # of what a proclitic is written onto; of `ولد` (boy) the waw is none
_LETTER: Final = np.uint64(16)  # bits of an Arabic letter
_LAM: Final = int.from_bytes("ل".encode(), "little")  # to/for; eats the alef of the article
_ALEF: Final = int.from_bytes("ا".encode(), "little")
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)  # the upper bits of a product depend on all bits

SPANS: Final = pl.Schema(
    {"row": pl.Int64(), "start": pl.UInt16(), "length": pl.UInt8(), "count": pl.UInt16()}
)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where phrases may start in the texts: at words, and behind their proclitics.

    Attributes:
        word: the word.
        start: its first byte, or the one behind the proclitic.
        keys: hash of what stands there, with its row's salt.
        is_whole: whether it is the word as written.
    """

    word: Ints
    start: Ints
    keys: U64
    is_whole: NDArray[np.bool_]

    def at(self, chosen: Ints) -> "_Places":
        return _Places(
            self.word[chosen], self.start[chosen], self.keys[chosen], self.is_whole[chosen]
        )


@dataclass(frozen=True, slots=True)
class _Lines:
    """The words of the lines that are looked for.

    Attributes:
        words: the words.
        number: of each word in its line.
        salt: of each line.
        first: the first eight bytes of each word, salted.
        keys: hash of each word, with its line's salt.
    """

    words: Words
    number: Ints
    salt: U64
    first: U64
    keys: U64

    @classmethod
    def of(cls, lines: pl.Series) -> "_Lines":
        words = words_of(lines)
        number = np.arange(len(words.row)) - np.searchsorted(words.row, words.row)
        salt = salts(len(lines))
        first = words.unit(words.start, words.end) + salt[words.row]
        return cls(words, number, salt, first, words.keys(mixed(first), words.start, words.end))


def find_spans(lines: pl.Series, texts: pl.Series, titles: pl.Series) -> pl.DataFrame:
    r"""Find the phrases of each line in the text of the same row.

    Args:
        lines: String; folded words with one space between them.
        texts: String; folded texts, with one space or `\n` between words.
        titles: texts that belong to them, or ""; no phrase goes from a title into its text.

    Returns:
        SPANS, by row, start and length: the phrase of `length` words from word `start` (from 0)
        stands `count` times in the text. Same phrases at different places each have a row.
    """
    return (find_by_loop if IS_BUILT else find_by_numpy)(lines, texts, titles)


def find_by_loop(lines: pl.Series, texts: pl.Series, titles: pl.Series) -> pl.DataFrame:
    """Find by the compiled loop."""
    found = _native.find_spans(*packed(lines), *packed(titles), *packed(texts), SALT)
    columns = np.frombuffer(found, np.int32).reshape(-1, len(SPANS)).T
    return pl.DataFrame(dict(zip(SPANS, columns, strict=True))).cast(SPANS)


def find_by_numpy(lines: pl.Series, texts: pl.Series, titles: pl.Series) -> pl.DataFrame:
    """Find by NumPy."""
    asked = _Lines.of(lines)
    sizes = texts.str.len_bytes().cast(pl.Int64).cum_sum().to_numpy()
    found = []
    first = 0
    while first < len(texts):
        done = sizes[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, done + _BATCH_BYTES)))
        both, salt = texts[first:last], asked.salt[first:last]
        titled = np.flatnonzero(titles[first:last].str.len_bytes())
        both = pl.concat([titles[first:last].gather(titled), both.rename(titles.name)])
        salt = np.concatenate([salt[titled], salt])
        found += _find_batch(asked, first, last, words_of(both), salt)
        first = last
    if not found:
        return SPANS.to_frame()
    at, lengths, counts = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(at * MAX_WORDS + lengths)
    at = at[order]
    columns = (asked.words.row[at], asked.number[at], lengths[order], counts[order])
    return pl.DataFrame(
        [pl.Series(name, column) for name, column in zip(SPANS, columns, strict=True)]
    ).cast(SPANS)


def _find_batch(
    asked: _Lines, first: int, last: int, text: Words, salt: U64
) -> list[tuple[Ints, Ints, Ints]]:
    """Find phrases of some lines in their texts.

    Args:
        asked: all lines.
        first: the first of these.
        last: the one behind them.
        text: the words of their texts.
        salt: of each text, that of its line.

    Returns:
        Words of lines, lengths and counts, by length.
    """
    line = asked.words
    begin, end = np.searchsorted(line.row, [first, last])
    at = begin + np.flatnonzero(asked.number[begin:end] < MAX_LINE)
    places = _places(text, salt, asked.first[at])
    text_words = np.zeros(len(text.row), dtype=np.uint64)  # as written, where the line may have it
    text_words[places.word[places.is_whole]] = places.keys[places.is_whole]
    in_line = np.zeros(len(text.row), dtype=np.bool_)
    line_keys = asked.keys[at]
    parts = []
    # A phrase of n words can only stand where its first n - 1 words do, and its last.
    for length in range(1, MAX_WORDS + 1):
        if length > 1:
            on = np.flatnonzero(_continued(line, at, length))
            at = at[on]
            line_keys = followed(line_keys[on], asked.keys[at + length - 1])
            on = np.flatnonzero(_continued(text, places.word, length))
            places = places.at(on[in_line[places.word[on] + length - 1]])
            next_words = text_words[places.word + length - 1]
            places = replace(places, keys=followed(places.keys, next_words))
        equals, known, place = matched(line_keys, places.keys)
        if not len(known):
            break
        places = places.at(known)
        counts = np.bincount(place, minlength=len(at))[equals]
        held = np.flatnonzero(counts)
        at, line_keys = at[held], line_keys[held]
        parts.append((at, np.full(len(at), length), np.minimum(counts[held], 0xFFFF)))
        if length == 1:
            in_line[places.word[places.is_whole]] = True
    return parts


def _continued(words: Words, at: Ints, length: int) -> NDArray[np.bool_]:
    """Tell from which words on a row has `length` words."""
    last = np.minimum(at + length - 1, len(words.row) - 1)
    result: NDArray[np.bool_] = (at + length <= len(words.row)) & (words.row[last] == words.row[at])
    return result


def _places(text: Words, salt: U64, openings: U64) -> _Places:
    """Find the places whose first eight bytes, salted, may be among the openings."""
    salt = salt[text.row]
    first = text.unit(text.start, text.end)
    # Most words of a text begin as no word of the line does, and are read no further.
    whole = _maybe_in(openings * _SPREAD, (first + salt) * _SPREAD)
    behind, start, rest = _behind_proclitics(text, first)
    rest += salt[behind]
    maybe = _maybe_in(openings * _SPREAD, rest * _SPREAD)
    word = np.concatenate([whole, behind[maybe]])
    start = np.concatenate([text.start[whole], start[maybe]])
    opening = np.concatenate([first[whole] + salt[whole], rest[maybe]])
    keys = text.keys(mixed(opening), start, text.end[word])
    return _Places(word, start, keys, np.arange(len(word)) < len(whole))


def _behind_proclitics(text: Words, first: U64) -> tuple[Ints, Ints, U64]:
    """Return the words that begin with a proclitic, where they go on, and eight bytes from there.

    `لل` (to the) goes on with `ال` (the).
    """
    letter = np.uint64((1 << int(_LETTER)) - 1)
    is_proclitic = np.zeros(1 << int(_LETTER), dtype=np.bool_)
    is_proclitic[[int.from_bytes(letter.encode(), "little") for letter in _PROCLITICS]] = True
    behind = np.flatnonzero(is_proclitic.take((first & letter).view(np.int64)))
    whole, start, end = first[behind], text.start[behind], text.end[behind]
    size = end - start
    # Of each character in UTF-8 all bytes but its first have these two bits.
    inner = np.bitwise_count(whole & ~(whole << np.uint64(1)) & _HIGH_BITS)
    is_long = (size > whole.itemsize) | (size - inner > _LEAST_LETTERS)
    behind, whole, start, end = behind[is_long], whole[is_long], start[is_long], end[is_long]
    with_article = (whole & letter == _LAM) & (whole >> _LETTER & letter == _LAM)
    start = start + np.where(with_article, 0, int(_LETTER) // 8)
    rest = np.where(with_article, whole ^ np.uint64(_LAM ^ _ALEF), text.unit(start, end))
    return behind, start, rest


def _maybe_in(known: U64, asked: U64) -> Ints:
    """Tell which hashes may be among the known: few that are not, and all that are."""
    bits = max(10, int(32 * len(known)).bit_length())
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=np.bool_)
    table[(known >> shift).view(np.int64)] = True
    return np.flatnonzero(table.take((asked >> shift).view(np.int64)))

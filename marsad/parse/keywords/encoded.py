"""Keyword lines as numbers: their words one after the other, and evidence as arrays beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.built import IS_BUILT
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import SALT, U64, Ints, alike, mixed
from marsad.parse.keywords.word_classes import word_classes
from marsad.parse.slices import packed

if IS_BUILT:
    from marsad.parse.keywords import _reading

#: A longer line is cut here whatever it says: what it costs stays bounded.
MAX_CUT: Final = 512

_LINES_AT_ONCE: Final = 4096
_SPANS: Final = ("span_start", "span_length", "span_count")
_STEP: Final = np.uint64(0x9FB21C651E98DF25)
_LINE: Final = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The words of lines without delimiters, one line after the other, and what the texts hold.

    Attributes:
        sizes: words of each line.
        keys: the distinct folded words, in the order in which each stands first.
        key: of each word, its number in `keys`.
        hashes: hash of each distinct word.
        kind: and its class (`word_classes.CLASSES`), of which 0 is a separator's.
        n_spans: of each line, how many of its phrases stand in its article's text.
        start: of each of those, its first word, from 0 in its line.
        length: and its words.
        count: and how often the text holds it.
    """

    sizes: Ints
    keys: pl.Series
    key: NDArray[np.int32]
    hashes: U64
    kind: NDArray[np.uint8]
    n_spans: Ints
    start: NDArray[np.uint16]
    length: NDArray[np.uint8]
    count: NDArray[np.uint16]

    @classmethod
    def of(cls, lines: pl.DataFrame) -> "Numbered":
        """Number the words of lines without delimiters, `schema.KEYWORD_LINES`, one at least."""
        flat = lines["keys"].explode(empty_as_null=False)
        key, keys = _number(flat)
        spans = (lines[name].explode(empty_as_null=False) for name in _SPANS)
        start, length, count = (span.to_numpy() for span in spans)
        return cls(
            lines["keys"].list.len().to_numpy().astype(np.int64),
            keys,
            key,
            word_hashes(keys),
            word_classes(keys).to_numpy(),
            lines["span_start"].list.len().to_numpy().astype(np.int64),
            start,
            length,
            count,
        )


@dataclass(frozen=True, slots=True)
class Encoded:
    """The words of lines without delimiters, and every phrase of them.

    A phrase is a cell: its first word, and its length less 1. The cells of a word, `MAX_WORDS` of
    them, come before those of the next.

    Attributes:
        line: of each word, the number of its line.
        keys: the distinct folded words.
        key: of each word, its number in `keys`.
        hashes: hash of each distinct word.
        kind: of each word, its class (`word_classes.CLASSES`).
        reach: of each word, how many words a phrase from here may have; 0 for a separator.
        counts: words by lengths; how often the article's text holds the phrase.
        cells: the phrases that may be: cells within reach, in order.
        first_cell: of each word, where its phrases begin in `cells`.
        phrases: hash of each of them, the same for the same folded words.
        twins: numbers in `cells` of phrases that their line holds more than once.
        twin: of each of them, the number of its phrase in its line.
    """

    line: Ints
    keys: pl.Series
    key: NDArray[np.int32]
    hashes: U64
    kind: Ints
    reach: Ints
    counts: NDArray[np.uint16]
    cells: Ints
    first_cell: Ints
    phrases: U64
    twins: Ints
    twin: Ints


def undelimited(lines: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the lines without delimiters, so many at a time that a processor's cache holds them."""
    yield from lines.filter(~pl.col("is_delimited")).iter_slices(_LINES_AT_ONCE)


def numbered(lines: pl.DataFrame) -> Iterator[Numbered]:
    """Yield the lines without delimiters as `undelimited` does, their words numbered."""
    yield from map(Numbered.of, undelimited(lines))


def encode(lines: Numbered) -> Encoded:
    """Encode lines."""
    line = np.repeat(np.arange(len(lines.sizes)), lines.sizes)
    first = lines.sizes.cumsum() - lines.sizes
    counts = np.zeros((len(line), MAX_WORDS), dtype=np.uint16)
    start = lines.start + np.repeat(first, lines.n_spans)
    counts[start, lines.length.astype(np.int64) - 1] = lines.count
    phrases = phrase_hashes(lines.hashes[lines.key])
    kind = lines.kind.astype(np.int64)[lines.key]
    separator = kind == 0
    reach = _reach(phrases, line, np.arange(len(line)) - first[line], separator)
    cells = np.flatnonzero(np.arange(MAX_WORDS) < reach[:, None])
    first_cell = reach.cumsum() - reach
    word = np.repeat(np.arange(len(line)), reach)
    phrases = phrases.reshape(-1).take((cells - word * MAX_WORDS) * len(line) + word)
    twins = _twins(phrases, line, reach, first_cell)
    return Encoded(
        line,
        lines.keys,
        lines.key,
        lines.hashes,
        kind,
        reach,
        counts,
        cells,
        first_cell,
        phrases,
        *twins,
    )


def _number(words: pl.Series) -> tuple[NDArray[np.int32], pl.Series]:
    """Number words in the order in which each stands first; return the numbers, and the words."""
    if IS_BUILT:
        numbers, places = _reading.number_words(*packed(words), SALT)
        first = np.frombuffer(places, np.int64)
        return np.frombuffer(numbers, np.int32), words.gather(first)
    keys = words.unique(maintain_order=True)
    numbered = pl.DataFrame({"word": keys, "number": np.arange(len(keys), dtype=np.int32)})
    key = pl.DataFrame({"word": words}).join(
        numbered, on="word", how="left", maintain_order="left"
    )["number"]
    return key.to_numpy(), keys


def word_hashes(keys: pl.Series) -> U64:
    """Hash folded words."""
    return keys.hash(seed=1).to_numpy()


def phrase_hashes(words: U64) -> U64:
    """Hash every phrase of up to `MAX_WORDS` words: lengths less 1 by first words.

    Past the last word the hashes mean nothing.
    """
    result = np.empty((MAX_WORDS, len(words)), dtype=np.uint64)
    result[0] = mixed(words)
    for n in range(1, min(MAX_WORDS, len(words))):
        result[n] = result[n - 1]
        result[n, :-n] = longer(result[n - 1, :-n], words[n:])
    return result


def longer(phrases: U64, words: U64) -> U64:
    """Hash phrases with one more word."""
    return mixed(phrases * _STEP + words)


def _reach(phrases: U64, line: Ints, place: Ints, separator: NDArray[np.bool_]) -> Ints:
    """Tell how far phrases may go: not past a line, a separator, or into their own repetition."""
    n = len(line)
    begins = np.ones(n + 1, dtype=np.bool_)
    begins[1:n] = (line[1:] != line[:-1]) | (place[1:] % MAX_CUT == 0)
    begins[1:n] |= separator[1:] | separator[:-1]
    for size in range(1, MAX_WORDS // 2 + 1):
        begins[np.flatnonzero(_follows_itself(phrases, line, size))] = True
    stops = np.flatnonzero(begins)
    here = np.arange(n)
    reach: Ints = np.minimum(stops[np.searchsorted(stops, here, side="right")] - here, MAX_WORDS)
    reach[separator] = 0
    return reach


def _follows_itself(phrases: U64, line: Ints, size: int) -> NDArray[np.bool_]:
    """Tell where a run of `size` words stands for the second time in a row, or third, …

    In `أهم الأخبار أهم الأخبار أهم الأخبار` (top news) those are the third and the fifth word; the
    fourth, where `الأخبار أهم` does, is not, because a repetition is read from its first word.
    """
    n = len(line)
    result = np.zeros(n, dtype=np.bool_)
    if n < 2 * size:
        return result
    twice = np.zeros(n, dtype=np.bool_)
    twice[: n - 2 * size + 1] = (
        phrases[size - 1, : n - 2 * size + 1] == phrases[size - 1, size : n - size + 1]
    ) & (line[: n - 2 * size + 1] == line[2 * size - 1 :])
    begin = np.flatnonzero(twice & ~np.append(False, twice[:-1]))
    if len(begin):
        at = np.flatnonzero(twice)
        run = np.searchsorted(begin, at, side="right") - 1
        result[at[(at - begin[run]) % size == 0] + size] = True
    return result


def _twins(phrases: U64, line: Ints, reach: Ints, first_cell: Ints) -> tuple[Ints, Ints]:
    twins, twin = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    done = 0
    at = np.flatnonzero(reach)
    for n in range(MAX_WORDS):
        # A phrase can only come again where the phrase without its last word does.
        at = at[reach[at] > n]
        cells = first_cell[at] + n
        equals = alike(phrases[cells] + line[at].astype(np.uint64) * _LINE)
        several = np.bincount(equals, minlength=len(at)) > 1
        chosen = np.flatnonzero(several[equals])
        twins.append(cells[chosen])
        twin.append((done - 1 + np.cumsum(several))[equals[chosen]])
        done += int(several.sum())
        at = at[chosen]
        if not len(at):
            break
    return np.concatenate(twins), np.concatenate(twin)

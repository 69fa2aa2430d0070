"""Hashes of words and phrases, many at a time, in memory only.

Words are read as numbers of eight bytes where they stand in the joined texts: the first of them,
four Arabic letters, is enough to pass over nearly every word, and only the others are read to their
end. No hash is ever stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.slices import bytes_of

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]

_WORD: Final = np.uint64(0xD6E8FEB86659FD93)
_ROW: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(32)
_SPACE: Final = 0x20  # a line's end is below it, and no folded text holds any other byte there
_UNIT: Final = 8
_ROOM: Final = 4  # slots for each hash that is known
#: Of the loops' hashes, by which words find their numbers: nobody can choose words that all have
#: one, and no result depends on it.
SALT: Final = secrets.randbits(64)
#: What is kept of eight bytes, by how many of them belong to the word.
_KEPT: Final = np.array([(1 << 8 * size) - 1 for size in range(_UNIT + 1)], dtype=np.uint64)
#: Longer words are hashed one by one, or the longest would cost as many steps as it has bytes.
_LONG: Final = 256


def mixed(values: U64) -> U64:
    """Spread every bit of the values over all others."""
    values = (values ^ (values >> _SHIFT)) * _WORD
    values = (values ^ (values >> _SHIFT)) * _WORD
    result: U64 = values ^ (values >> _SHIFT)
    return result


def salts(n: int) -> U64:
    """Return a number for each of so many rows, to hash with what stands there."""
    return np.arange(n, dtype=np.uint64) * _ROW


def followed(keys: U64, words: U64) -> U64:
    """Hash phrases with one more word, from their hashes without it and that word's."""
    return mixed(keys * _STEP + words)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of several texts, one text after the other.

    Attributes:
        start: where each word starts, in bytes of the joined texts.
        end: and where it ends.
        row: the text it stands in.
        units: the joined texts in UTF-8, eight bytes a number, with one more behind them.
    """

    start: Ints
    end: Ints
    row: Ints
    units: U64

    def unit(self, start: Ints, end: Ints) -> U64:
        """Read the first eight bytes between places; those past the end are zero."""
        place, shift = start >> 3, (start << 3).view(np.uint64) & np.uint64(63)
        result: U64 = self.units.take(place)
        result >>= shift
        # A shift by all 64 bits gives zero.
        result |= self.units.take(place + 1) << (np.uint64(64) - shift)
        result &= _KEPT.take(np.minimum(end - start, _UNIT))
        return result

    def keys(self, opening: U64, start: Ints, end: Ints) -> U64:
        """Hash what stands between places.

        Args:
            opening: hash of the first eight bytes of each, salted.
            start: the first byte of each.
            end: the byte behind its last.
        """
        hashes = opening.copy()
        size = end - start
        more = np.flatnonzero(size > _UNIT)
        for number in more[size[more] > _LONG].tolist():
            rest = self.units.view(np.uint8)[start[number] + _UNIT : end[number]].tobytes()
            digest = hashlib.blake2b(rest, digest_size=_UNIT).digest()
            hashes[number] ^= np.uint64(int.from_bytes(digest, "little"))
        more = more[size[more] <= _LONG]
        done = _UNIT
        while len(more):
            hashes[more] = followed(hashes[more], self.unit(start[more] + done, end[more]))
            done += _UNIT
            more = more[size[more] > done]
        return hashes


def words_of(texts: pl.Series) -> Words:
    r"""Find the words of folded texts.

    Args:
        texts: String, none null; words with one space or one `\n` between them, which count as
            the same.
    """
    data, text_ends = bytes_of(texts)
    padded = np.zeros((len(data) // _UNIT + 2) * _UNIT, dtype=np.uint8)
    padded[: len(data)] = data
    breaks = np.flatnonzero(data <= _SPACE)
    start = np.append(0, breaks[:-1] + 1)
    filled = np.flatnonzero(breaks > start)
    start, end = start.take(filled), breaks.take(filled)
    row = np.repeat(
        np.arange(len(text_ends)), np.diff(np.searchsorted(start, text_ends), prepend=0)
    )
    return Words(start, end, row, padded.view(np.uint64))


def matched(known: U64, asked: U64) -> tuple[Ints, Ints, Ints]:
    """Find hashes among known ones.

    Args:
        known: hashes, some of them more than once.
        asked: hashes.

    Returns:
        Of each known hash the place of an equal one, the same place for all that are equal; which
        of the asked ones are known, in no order; and the place of the equal of each of those.
    """
    equals = np.arange(len(known))
    found, places = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    here, there = np.arange(len(known)), np.arange(len(asked))
    bits = max(10, int(_ROOM * len(known)).bit_length())
    turn = 0
    while len(here):
        # Each hash has a slot, by its upper bits. One that finds another in it looks again, with
        # other bits; one that finds none is unknown.
        slots = np.full(1 << bits, -1, dtype=np.int32)
        mine = _slots(known[here], turn, bits)
        slots[mine] = here
        first = slots[mine]
        settled = known[first] == known[here]
        equals[here[settled]] = first[settled]
        first = slots[_slots(asked[there], turn, bits)]
        taken = np.flatnonzero(first >= 0)
        there, first = there[taken], first[taken]
        hit = known[first] == asked[there]
        found.append(there[hit])
        places.append(first[hit])
        here, there = here[~settled], there[~hit]
        turn += 1
    return equals, np.concatenate(found), np.concatenate(places)


def alike(hashes: U64) -> Ints:
    """Return of each hash the place of an equal one, the same place for all that are equal."""
    return matched(hashes, hashes[:0])[0]


def _slots(hashes: U64, turn: int, bits: int) -> Ints:
    odd = np.uint64(int(_STEP) * (2 * turn + 1) % (1 << 64))
    return (hashes * odd >> np.uint64(64 - bits)).view(np.int64)

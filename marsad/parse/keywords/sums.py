"""Counts by hash: what a model takes from them, and what is added up anew for each reading."""

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from marsad.parse.keywords.counts import SCALE, Counts, Totals
from marsad.parse.keywords.encoded import longer, word_hashes
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.hashing import U64, mixed

Floats64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HashSums:
    """Numbers by hash: each hash once, in order, with the sum of its numbers.

    Counts are whole parts of `SCALE`, far below where doubles lose any, so no order of adding them
    changes a sum.
    """

    hashes: U64
    values: Floats64

    @classmethod
    def none(cls) -> "HashSums":
        """Return the sums of nothing."""
        return cls(np.zeros(0, dtype=np.uint64), np.zeros(0))

    @classmethod
    def of(cls, hashes: U64, values: Floats64) -> "HashSums":
        """Add up the numbers of equal hashes."""
        if not len(hashes):
            return cls(hashes, values)
        order = np.argsort(hashes)
        ordered = hashes[order]
        begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        return cls(ordered[begins], np.add.reduceat(values[order], begins, axis=0))

    @classmethod
    def joined(cls, parts: Sequence["HashSums"]) -> "HashSums":
        """Return the sums of all parts, one at least."""
        return cls.of(
            np.concatenate([part.hashes for part in parts]),
            np.concatenate([part.values for part in parts]),
        )

    def plus(self, other: "HashSums") -> "HashSums":
        """Return the sums of both."""
        return HashSums.joined([self, other])

    def at(self, which: Bools) -> "HashSums":
        """Return some of the sums."""
        return HashSums(self.hashes[which], self.values[which])

    def has(self, hashes: U64) -> Bools:
        """Tell which of the hashes have a sum."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=np.bool_)
        at = np.searchsorted(self.hashes, hashes)
        found: Bools = self.hashes.take(at, mode="clip") == hashes
        return found


@dataclass(frozen=True, slots=True)
class Sums:
    """`Counts` by hash: a lake's are hashed once, however often lines are read beside them.

    Attributes:
        phrases: lines in which a phrase is a keyword, of phrases of up to `MAX_WORDS` words.
        longer: the same of longer ones, which delimited lines may have and no other can.
        words: how often each word stands in a line.
        rest: of phrases and words that were counted and are not there.
    """

    phrases: HashSums = field(default_factory=HashSums.none)
    longer: HashSums = field(default_factory=HashSums.none)
    words: HashSums = field(default_factory=HashSums.none)
    rest: Totals = field(default_factory=Totals)

    @classmethod
    def of(cls, counts: Counts) -> "Sums":
        """Hash counts."""
        return cls.of_hashed(counts, *hash_phrases(counts.phrases["keyword_key"]))

    @classmethod
    def of_hashed(cls, counts: Counts, hashes: U64, longer: Bools) -> "Sums":
        """Sum up counts of which `hash_phrases` has hashed the phrases."""
        times = counts.phrases.select(
            pl.col("n_delimited") + pl.col("n_expected") / SCALE
        ).to_series()
        words = HashSums.of(
            word_hashes(counts.words["word_key"]), counts.words["n"].to_numpy() * 1.0
        )
        phrases = cls.of_phrases(hashes, longer, times.to_numpy())
        return replace(phrases, words=words, rest=counts.rest)

    @classmethod
    def of_phrases(cls, hashes: U64, longer: Bools, times: Floats64) -> "Sums":
        """Sum up phrases that `hash_phrases` has hashed; `times` in which each is a keyword."""
        return cls(
            HashSums.of(hashes[~longer], times[~longer]), HashSums.of(hashes[longer], times[longer])
        )

    def plus(self, other: "Sums") -> "Sums":
        """Return the sums of both."""
        return Sums(
            self.phrases.plus(other.phrases),
            self.longer.plus(other.longer),
            self.words.plus(other.words),
            self.rest + other.rest,
        )

    @classmethod
    def joined(cls, parts: Sequence["Sums"]) -> "Sums":
        """Return the sums of the phrases of all parts."""
        return cls(
            HashSums.joined([HashSums.none(), *(part.phrases for part in parts)]),
            HashSums.joined([HashSums.none(), *(part.longer for part in parts)]),
            rest=functools.reduce(operator.add, (part.rest for part in parts), Totals()),
        )

    @property
    def n_phrases(self) -> float:
        """Return the sum over all phrases, in lines."""
        there = self.phrases.values.sum() + self.longer.values.sum()
        return float(there) + self.rest.n_phrases / SCALE

    def without_rare(self, least: float, beside: "Sums | None" = None) -> "Sums":
        """Return what is there of phrases that so many lines hold; `rest` counts the others.

        Args:
            least: in lines, one at most.
            beside: what these will be added to: a phrase that stands there stays.
        """
        parts = []
        rare = 0
        for part, known in zip(
            (self.phrases, self.longer),
            (beside.phrases, beside.longer) if beside else (HashSums.none(), HashSums.none()),
            strict=True,
        ):
            stays = (part.values >= least) | known.has(part.hashes)
            rare += round(float(part.values[~stays].sum()) * SCALE)
            parts.append(part.at(stays))
        return replace(
            self,
            phrases=parts[0],
            longer=parts[1],
            rest=self.rest + Totals(n_phrases=rare, n_rare=rare),
        )


def hash_phrases(keys: pl.Series) -> tuple[U64, Bools]:
    """Hash folded phrases of any length; tell which have more than `MAX_WORDS` words."""
    is_longer = keys.str.count_matches(" ", literal=True) >= MAX_WORDS
    longer = is_longer.to_numpy()
    hashes = np.empty(len(keys), dtype=np.uint64)
    hashes[~longer] = hashes_of(keys.filter(~is_longer))
    hashes[longer] = word_hashes(keys.filter(is_longer))
    return hashes, longer


def hashes_of(phrases: pl.Series) -> U64:
    """Hash folded phrases of up to `MAX_WORDS` words, as `Encoded.phrases` does."""
    words = phrases.str.split(" ")
    sizes = words.list.len().to_numpy().astype(np.int64)
    first = sizes.cumsum() - sizes
    each = word_hashes(words.explode(empty_as_null=False))
    hashes = mixed(each[first])
    for n in range(1, MAX_WORDS):
        on = np.flatnonzero(sizes > n)
        hashes[on] = longer(hashes[on], each[first[on] + n])
    return hashes

"""What nights have seen of keywords, as sums that can be added up in any order."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from marsad.schema import KEYWORD_PHRASES, KEYWORD_TOTALS, KEYWORD_WORDS

#: Probabilities are counted in this many parts, as whole numbers: their sum has no order.
SCALE: Final = 1 << 16
#: How often a phrase is a keyword, in parts of `SCALE`.
TIMES: Final = pl.col("n_delimited") * SCALE + pl.col("n_expected")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a model needs to know of phrases and words that nobody asks for.

    Attributes:
        n_phrases: lines in which each phrase is a keyword, over all phrases, in parts of `SCALE`.
        n_rare: the same over the phrases that are keywords of one line or less.
        n_words: how often each word stands in a line, over all words.
        n_distinct_words: words.
    """

    n_phrases: int = 0
    n_rare: int = 0
    n_words: int = 0
    n_distinct_words: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.n_phrases + other.n_phrases,
            self.n_rare + other.n_rare,
            self.n_words + other.n_words,
            self.n_distinct_words + other.n_distinct_words,
        )

    def __sub__(self, other: "Totals") -> "Totals":
        return Totals(
            self.n_phrases - other.n_phrases,
            self.n_rare - other.n_rare,
            self.n_words - other.n_words,
            self.n_distinct_words - other.n_distinct_words,
        )

    def to_frame(self) -> pl.DataFrame:
        """Return `schema.KEYWORD_TOTALS`, one row."""
        row = (self.n_phrases, self.n_rare, self.n_words, self.n_distinct_words)
        return pl.DataFrame([row], KEYWORD_TOTALS, orient="row")


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over keyword lines.

    Attributes:
        phrases: `schema.KEYWORD_PHRASES`, a row a phrase.
        words: `schema.KEYWORD_WORDS`, a row a word.
        rest: of phrases and words that were counted and are not there.
    """

    phrases: pl.DataFrame
    words: pl.DataFrame
    rest: Totals = Totals()

    @classmethod
    def none(cls) -> "Counts":
        """Return the sums over no line."""
        return cls(KEYWORD_PHRASES.to_frame(), KEYWORD_WORDS.to_frame())

    def totals(self) -> Totals:
        """Return the totals of what is there."""
        times = self.phrases.select(TIMES).to_series()
        return Totals(
            int(times.sum()),
            int(times.filter(times <= SCALE).sum()),
            int(self.words["n"].sum()),
            self.words.height,
        )

    def delimited(self) -> "Counts":
        """Return what every reading counts alike: all but the phrases of undelimited lines."""
        phrases = self.phrases.filter(pl.col("n_delimited") > 0)
        return Counts(phrases.with_columns(n_expected=pl.lit(0, pl.Int64)), self.words, self.rest)

    def gain(self, more: "Counts") -> Totals:
        """Return by how much the totals grow when more is counted.

        Args:
            more: of it every phrase and word that was counted before is here.
        """
        both = self.phrases.select("keyword_key", before=TIMES).join(
            more.phrases.select("keyword_key", more=TIMES), on="keyword_key"
        )
        before, added = both["before"], both["more"]
        rare_now = sum(int(n.filter(n <= SCALE).sum()) for n in (before, added))
        after = before + added
        words = self.words.join(more.words, on="word_key", how="semi").height
        totals = more.totals()
        return totals + Totals(
            n_rare=int(after.filter(after <= SCALE).sum()) - rare_now, n_distinct_words=-words
        )

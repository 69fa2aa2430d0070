"""What nights have seen of keywords, as sums that can be added up in any order."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from marsad.schema import KEYWORD_PHRASES, KEYWORD_WORDS

#: Probabilities are counted in this many parts, as whole numbers: their sum has no order.
SCALE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over keyword lines.

    Attributes:
        phrases: `schema.KEYWORD_PHRASES`, a row a phrase.
        words: `schema.KEYWORD_WORDS`, a row a word.
    """

    phrases: pl.DataFrame
    words: pl.DataFrame

    @classmethod
    def none(cls) -> "Counts":
        """Return the sums over no line."""
        return cls(KEYWORD_PHRASES.to_frame(), KEYWORD_WORDS.to_frame())

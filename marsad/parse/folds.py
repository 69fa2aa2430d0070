"""Folds of rows, one after the other in one buffer."""

from dataclasses import dataclass

import polars as pl

from marsad.parse.slices import Bytes, Ints, slices


@dataclass(frozen=True, slots=True)
class Folds:
    """Folds of rows: behind each that is not empty stands a space.

    So what stands from the beginning of one to the end of another is the fold of them all, unless
    the last of them is empty.

    Attributes:
        data: UTF-8.
        start: of each row, its first byte.
        end: the byte behind its last.
        n_words: its words.
    """

    data: Bytes
    start: Ints
    end: Ints
    n_words: Ints

    def texts(self) -> pl.Series:
        """Return the fold of each row."""
        return slices(self.data, self.start, self.end)

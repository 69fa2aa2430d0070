"""Precision, recall and F1 of what was found against what is true, item by item.

An item is one value at one place: a page's title, the third of its related links, the second
occurrence of a keyword in a line. It is right when the same value stands at the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

#: One row an item; what is null is no item.
ITEMS: Final = pl.Schema(
    {
        "field": pl.String(),
        "key": pl.String(),  # the page, line or text that has it
        "position": pl.Int64(),
        "value": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Score:
    """How well one field of one corpus was found.

    Attributes:
        corpus: what was measured on.
        field: what was measured.
        n_true: items that are there.
        n_found: items that were found.
        n_right: items that were found and are there.
    """

    corpus: str
    field: str
    n_true: int
    n_found: int
    n_right: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None where nothing was found."""
        return self.n_right / self.n_found if self.n_found else None

    @property
    def recall(self) -> float | None:
        """Share of what is there that was found; None where nothing is there."""
        return self.n_right / self.n_true if self.n_true else None

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where nothing is there and nothing was found."""
        n = self.n_true + self.n_found
        return 2 * self.n_right / n if n else 1.0


class Tally:
    """Scores of one corpus, summed over blocks of it.

    Args:
        corpus: its name.
        fields: what is measured, in the order of the rows; one of which nothing is there and
            nothing was found has a row too.
    """

    def __init__(self, corpus: str, fields: Sequence[str]) -> None:
        self._corpus = corpus
        self._counts = {field: [0, 0, 0] for field in fields}

    def add(self, true: pl.DataFrame, found: pl.DataFrame) -> None:
        """Count the items of one block.

        Args:
            true: schema `ITEMS`, no item twice.
            found: schema `ITEMS`; of items that are there twice one is wrong.
        """
        right = true.join(found.unique(), on=ITEMS.names(), how="semi", nulls_equal=True)
        for place, items in enumerate((true, found, right)):
            for field, count in items.group_by("field").len().iter_rows():
                self._counts[field][place] += count

    def scores(self) -> list[Score]:
        """Return a row a field."""
        return [Score(self._corpus, field, *counts) for field, counts in self._counts.items()]


def one_a_key(rows: pl.DataFrame, key: str, fields: Sequence[str]) -> pl.DataFrame:
    """Return the columns `fields` as items at position 1; nulls and empty texts are none."""
    items = rows.select(key, *(pl.col(field).cast(pl.String) for field in fields)).unpivot(
        on=fields, index=key, variable_name="field"
    )
    return items.filter(pl.col("value").str.len_bytes() > 0).select(
        "field", pl.col(key).alias("key"), pl.lit(1, pl.Int64).alias("position"), "value"
    )


def of_list(rows: pl.DataFrame, key: str, field: str) -> pl.DataFrame:
    """Return the values of the list column `field` as items, positions from 1."""
    return (
        rows.select(key=pl.col(key), value=pl.col(field))
        .filter(pl.col("value").list.len() > 0)
        .with_columns(position=pl.int_ranges(1, pl.col("value").list.len() + 1))
        .explode("position", "value")
        .select(pl.lit(field).alias("field"), "key", "position", "value")
    )


def of_bag(rows: pl.DataFrame, field: str) -> pl.DataFrame:
    """Return key and value, a row an occurrence, as items: the place is how often it came before.

    So order does not matter, and how often does.
    """
    return rows.select(
        pl.lit(field).alias("field"),
        "key",
        pl.int_range(1, pl.len() + 1).over("key", "value").alias("position"),
        "value",
    )

"""How well keyword lines were cut: phrases against true ones, and what confidence is worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class PhraseScore:
    """Keywords counted at their places: one is right where both its boundaries are.

    Attributes:
        n_true: keywords that the lines hold.
        n_found: keywords that they were cut into.
        n_right: those that are both.
    """

    n_true: int
    n_found: int
    n_right: int

    @property
    def precision(self) -> float:
        """Share of the keywords found that are right."""
        return self.n_right / self.n_found if self.n_found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true keywords that were found."""
        return self.n_right / self.n_true if self.n_true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.n_true + self.n_found
        return 2 * self.n_right / both if both else 1.0


def judge(found: pl.DataFrame, true: Sequence[Sequence[str]]) -> pl.DataFrame:
    """Add is_right to keywords.

    Args:
        found: as `cut_lines` gives it.
        true: of each line the folded keywords in their order.
    """
    lines = pl.DataFrame(
        {"line": range(len(true)), "keyword_key": [list(keys) for keys in true]},
        {"line": pl.Int64, "keyword_key": pl.List(pl.String)},
    )
    places = _placed(lines.explode("keyword_key").drop_nulls()).select("line", "start", "size")
    return (
        _placed(found)
        .join(
            places.with_columns(is_right=pl.lit(True)),
            on=["line", "start", "size"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("is_right").fill_null(False))
        .drop("start", "size")
    )


def _placed(keywords: pl.DataFrame) -> pl.DataFrame:
    """Add start and size, in letters: where in its line a keyword stands."""
    size = pl.col("keyword_key").str.replace_all(" ", "", literal=True).str.len_chars()
    return keywords.with_columns(size=size.cast(pl.Int64)).with_columns(
        start=pl.col("size").cum_sum().over("line") - pl.col("size")
    )


def phrase_score(found: pl.DataFrame, true: Sequence[Sequence[str]]) -> PhraseScore:
    """Score the keywords of lines; the arguments are those of `judge`."""
    judged = judge(found, true)
    return PhraseScore(sum(map(len, true)), judged.height, int(judged["is_right"].sum()))


def reliability(judged: pl.DataFrame, edges: Sequence[float]) -> pl.DataFrame:
    """Compare confidence with how often it was right.

    Args:
        judged: confidence and is_right, as `judge` gives them.
        edges: least confidence of each row but the first, rising.

    Returns:
        at_least (Float64), n, mean_confidence and right (the share), by confidence; no empty row.
    """
    at_least = pl.lit(0.0)
    for edge in edges:
        at_least = pl.when(pl.col("confidence") >= edge).then(edge).otherwise(at_least)
    return (
        judged.group_by(at_least=at_least)
        .agg(
            n=pl.len(),
            mean_confidence=pl.col("confidence").mean(),
            right=pl.col("is_right").mean(),
        )
        .sort("at_least")
    )


def share_right(judged: pl.DataFrame, at_least: float) -> float:
    """Return the share of keywords that are right, of those of this confidence or more."""
    sure = judged.filter(pl.col("confidence") >= at_least)
    return int(sure["is_right"].sum()) / sure.height if sure.height else 1.0

"""Learn the phrase model of keyword lines that are staged, part by part in the workers.

No process holds the lines of a whole night: counts are sums over lines, so each part is counted by
itself and the sums are added up.
"""

import functools
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from marsad.lake.staged import write_part
from marsad.night.context import RunContext
from marsad.night.sharing import gather, share_bytes, share_part, shared_bytes, shared_part
from marsad.night.workers import each_in_worker
from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.learn import fit_with, learn, weigh
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.stored_model import dump_model, load_model
from marsad.parse.keywords.sums import HashSums, Sums, hash_phrases
from marsad.reference import load_rules
from marsad.schema import KEYWORD_PHRASES

#: Folder of what the parts count.
_COUNTED: Final = "counted"
#: Of `KEYWORD_LINES`, what learning reads.
_COLUMNS: Final = ["is_delimited", "keys", "span_start", "span_length", "span_count"]


class Chosen(NamedTuple):
    """Lines of one part of `keyword_lines`.

    Attributes:
        name: of the part.
        rows: numbers of the lines, ascending; None for all.
    """

    name: str
    rows: list[int] | None = None


def learn_parts(
    context: RunContext, chosen: Sequence[Chosen], before: Counts
) -> tuple[Model, Counts]:
    """Make the model that cuts these lines.

    Args:
        context: the run.
        chosen: of its staged lines, one of each article.
        before: what was counted of other lines.

    Returns:
        The model, and what these lines add to the counts when each is judged by itself.
    """
    list(each_in_worker(partial(_count_part, context.for_workers()), chosen))
    gather(context, [_COUNTED])
    counts, first = _added_up(context.staging / _COUNTED)

    def weigh_all(model: Model) -> Sums:
        write_model(context, model)
        table = f"weighed/{len(model.stages)}"
        weigh_part = partial(_weigh_part, context.for_workers(), table, len(model.stages))
        list(each_in_worker(weigh_part, chosen))
        gather(context, [table])
        return Sums.joined(
            [_sums_of(pl.read_parquet(path)) for path in (context.staging / table).glob("*")]
        )

    same = Sums.of(counts.delimited())
    return fit_with(first, same, weigh_all, before, known_names(context)), counts


def write_model(context: RunContext, model: Model) -> None:
    """Leave the model where the workers find it."""
    share_bytes(context, _model_name(len(model.stages)), dump_model(model))


@functools.lru_cache(maxsize=1)
def read_model(context: RunContext, n_stages: int) -> Model:
    """Return the model that `write_model` left; a worker reads it once for all of its parts."""
    return load_model(shared_bytes(context, _model_name(n_stages)))


def _model_name(n_stages: int) -> str:
    return f"model-{n_stages}.arrays"


def write_counts(context: RunContext, counts: Counts, before: Counts) -> None:
    """Stage what the run adds to the lake's counts.

    Args:
        context: the run.
        counts: what its lines add.
        before: what the lake has of their phrases and words.
    """
    write_part(context.staging, "keyword_phrases", "night", counts.phrases)
    write_part(context.staging, "keyword_words", "night", counts.words)
    write_part(context.staging, "keyword_totals", "night", before.gain(counts).to_frame())


def known_names(context: RunContext) -> list[str]:
    """Return the folded names that are keywords wherever they stand: sources and places."""
    sources = load_rules(context.settings).sources
    return sorted({*sources.names, *sources.places, *sources.countries})


def _lines(context: RunContext, chosen: Chosen) -> pl.DataFrame:
    """Read lines, as far as learning needs them."""
    lines = shared_part(context, "keyword_lines", chosen.name, _COLUMNS)
    return lines if chosen.rows is None else lines[chosen.rows]


def _count_part(context: RunContext, chosen: Chosen) -> None:
    """Count the lines of one part, in a worker."""
    counts = learn(_lines(context, chosen))
    hashes, longer = hash_phrases(counts.phrases["keyword_key"])
    phrases = counts.phrases.with_columns(hash=pl.Series(hashes), is_longer=pl.Series(longer))
    share_part(context, _COUNTED, f"{chosen.name}.phrases", phrases)
    share_part(context, _COUNTED, f"{chosen.name}.words", counts.words)


def _weigh_part(context: RunContext, table: str, n_stages: int, chosen: Chosen) -> None:
    """Weigh the lines of one part by a model, in a worker."""
    sums = weigh(_lines(context, chosen), read_model(context, n_stages))
    share_part(context, table, chosen.name, _frame_of(sums))


def _frame_of(sums: Sums) -> pl.DataFrame:
    """Return the sums of phrases as a table: hash, times and is_longer."""
    return pl.concat(
        pl.DataFrame({"hash": part.hashes, "times": part.values}).with_columns(
            is_longer=pl.lit(is_longer)
        )
        for part, is_longer in ((sums.phrases, False), (sums.longer, True))
    )


def _sums_of(frame: pl.DataFrame) -> Sums:
    """Return the sums that `_frame_of` made a table of."""
    phrases, longer = (
        HashSums(part["hash"].to_numpy(), part["times"].to_numpy())
        for part in (frame.filter(~pl.col("is_longer")), frame.filter("is_longer"))
    )
    return Sums(phrases, longer)


def _added_up(folder: Path) -> tuple[Counts, Sums]:
    """Add the parts up as they are read, by hash: what is held is one row a phrase."""
    if not any(folder.glob("*.parquet")):
        return Counts.none(), Sums()
    words = pl.scan_parquet(folder / "*.words.parquet").group_by("word_key").sum().collect()
    phrases = (
        pl.scan_parquet(folder / "*.phrases.parquet")
        .group_by("hash")
        .agg(pl.col("keyword_key", "is_longer").first(), pl.col("n_delimited", "n_expected").sum())
        .collect()
    )
    counts = Counts(phrases.select(KEYWORD_PHRASES.names()), words)
    hashes, longer = phrases["hash"].to_numpy(), phrases["is_longer"].to_numpy()
    return counts, Sums.of_hashed(counts, hashes, longer)

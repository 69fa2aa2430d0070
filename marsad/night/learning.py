"""Learn the phrase model of keyword lines that are staged, part by part in the workers.

No process holds the lines of a whole night: counts are sums over lines, so each part is counted by
itself and the sums are added up.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from marsad.lake.staged import write_part
from marsad.night.context import RunContext
from marsad.night.sharing import gather, share_bytes, share_part, shared_bytes, shared_part
from marsad.night.workers import each_in_worker
from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.learn import fit_with, learn
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.stored_model import dump_model, load_model
from marsad.reference import load_rules


def learn_parts(
    context: RunContext, table: str, names: Sequence[str], before: Counts
) -> tuple[Model, Counts]:
    """Make the model that cuts these lines.

    Args:
        context: the run.
        table: folder of its staging that holds the lines, each article's once.
        names: of the parts in it.
        before: what was counted of other lines.

    Returns:
        The model, and what these lines add to the counts when each is judged by itself.
    """
    readings: list[Counts] = []

    def read_once(model: Model) -> Counts:
        write_model(context, model)
        counts = f"counts/{len(readings)}"
        learn_part = partial(_learn_part, context.for_workers(), table, counts)
        list(each_in_worker(learn_part, names))
        gather(context, [counts])
        readings.append(_added_up(context.staging / counts))
        return readings[-1]

    model = fit_with(read_once, before, known_names(context))
    return model, readings[0]


def write_model(context: RunContext, model: Model) -> None:
    """Leave the model where the workers find it."""
    share_bytes(context, "model.arrays", dump_model(model))


def read_model(context: RunContext) -> Model:
    """Return the model that `write_model` left."""
    return load_model(shared_bytes(context, "model.arrays"))


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


def _learn_part(context: RunContext, table: str, folder: str, name: str) -> None:
    """Count the lines of one part, in a worker."""
    counts = learn(shared_part(context, table, name), read_model(context))
    share_part(context, folder, f"{name}.phrases", counts.phrases)
    share_part(context, folder, f"{name}.words", counts.words)


def _added_up(folder: Path) -> Counts:
    """Add the parts up as they are read: what is held is one row a phrase."""
    if not any(folder.glob("*.parquet")):
        return Counts.none()
    phrases, words = (
        pl.scan_parquet(folder / f"*.{kind}.parquet").group_by(key).sum().sort(key).collect()
        for kind, key in (("phrases", "keyword_key"), ("words", "word_key"))
    )
    return Counts(phrases, words)

"""Learn the phrase model of keyword lines that are staged, part by part in the workers.

No process holds the lines of a whole night: counts are sums over lines, so each part is counted by
itself and the sums are added up.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from marsad.lake.staged import write_part
from marsad.night.context import RunContext
from marsad.night.sharing import gather, share_bytes, share_part, shared_bytes, shared_part
from marsad.night.workers import each_in_worker
from marsad.parse.keywords.counts import SCALE, TIMES, Counts
from marsad.parse.keywords.encoded import numbered
from marsad.parse.keywords.learn import fit_with, learn_hashed, lines_needed, weigh
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.stored import dump_lines, dump_model, load_lines, load_model
from marsad.parse.keywords.sums import HashSums, Sums
from marsad.reference import load_rules
from marsad.schema import KEYWORD_PHRASES, KEYWORD_WORDS

#: Folders of what the parts count: phrases, and words.
_COUNTED: Final = "counted"
_COUNTED_WORDS: Final = "counted_words"
#: Rows of parts that are added up at a time.
_ROWS_AT_ONCE: Final = 1_500_000
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


def learn_parts(context: RunContext, chosen: Sequence[Chosen], before: Counts) -> Model:
    """Make the model that cuts these lines, and stage what they add to the lake's counts.

    That is what they add when each is judged by itself, with no model.

    Args:
        context: the run.
        chosen: of its staged lines, one of each article.
        before: what was counted of other lines; of the phrases and words of these, all.
    """
    list(each_in_worker(partial(_count_part, context.for_workers()), chosen))
    gather(context, [_COUNTED, _COUNTED_WORDS])
    others = Sums.of(before)
    least = lines_needed(others.n_phrases + _n_phrases(context.staging / _COUNTED))
    first, same = map(others.plus, _added_up(context, before, others, least))

    def weigh_all(model: Model) -> Sums:
        write_model(context, model)
        table = f"weighed/{len(model.stages)}"
        weigh_part = partial(_weigh_part, context.for_workers(), table, len(model.stages))
        list(each_in_worker(weigh_part, chosen))
        gather(context, [table])
        return Sums.joined(
            [
                _sums_of(
                    rows.group_by("hash", "is_longer").agg(pl.col("times").sum()).collect()
                ).without_rare(least, beside=same)
                for rows in _by_range(context.staging / table)
            ]
        )

    return fit_with(first, same, weigh_all, known_names(context))


def write_model(context: RunContext, model: Model) -> None:
    """Leave the model where the workers find it."""
    share_bytes(context, _model_name(len(model.stages)), dump_model(model))


@functools.lru_cache(maxsize=1)
def read_model(context: RunContext, n_stages: int) -> Model:
    """Return the model that `write_model` left; a worker reads it once for all of its parts."""
    return load_model(shared_bytes(context, _model_name(n_stages)))


def _model_name(n_stages: int) -> str:
    return f"model-{n_stages}.arrays"


def _lines_name(chosen: Chosen) -> str:
    return f"lines-{chosen.name}.arrays"


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
    lines = _lines(context, chosen)
    undelimited = list(numbered(lines))
    share_bytes(context, _lines_name(chosen), dump_lines(undelimited))
    phrases, words = learn_hashed(lines, undelimited)
    share_part(context, _COUNTED, chosen.name, phrases, by="hash")
    share_part(context, _COUNTED_WORDS, chosen.name, words)


def _weigh_part(context: RunContext, table: str, n_stages: int, chosen: Chosen) -> None:
    """Weigh the lines of one part by a model, in a worker."""
    # As they were numbered when they were counted: to do that anew costs half as much again.
    lines = load_lines(shared_bytes(context, _lines_name(chosen)))
    sums = weigh(lines, read_model(context, n_stages))
    share_part(context, table, chosen.name, _frame_of(sums), by="hash")


def _frame_of(sums: Sums) -> pl.DataFrame:
    """Return the sums of phrases as a table: hash, times and is_longer."""
    return pl.concat(
        pl.DataFrame({"hash": part.hashes, "times": part.values}).with_columns(
            is_longer=pl.lit(is_longer)
        )
        for part, is_longer in ((sums.phrases, False), (sums.longer, True))
    )


def _sums_of(frame: pl.DataFrame) -> Sums:
    """Return the sums of a table: hash, times and is_longer, each hash once."""
    phrases, longer = (
        HashSums.of(part["hash"].to_numpy(), part["times"].to_numpy())
        for part in (frame.filter(~pl.col("is_longer")), frame.filter("is_longer"))
    )
    return Sums(phrases, longer)


def _shared_rows(folder: Path) -> pl.LazyFrame | None:
    """Return the rows of the parts that workers shared; None if there is no part."""
    found = any(folder.glob("*.parquet"))
    return pl.scan_parquet(folder / "*.parquet") if found else None


def _by_range(folder: Path) -> Iterator[pl.LazyFrame]:
    """Yield the rows of parts that have a `hash`, one range of hashes after the other.

    So many rows at a time that what is made of them is some hundred megabytes, whatever the night.
    """
    rows = _shared_rows(folder)
    if rows is None:
        return
    n_ranges = -(-int(rows.select(pl.len()).collect().item()) // _ROWS_AT_ONCE)
    if n_ranges <= 1:
        yield rows
        return
    bounds = [number * (1 << 64) // n_ranges for number in range(n_ranges)]
    for first, end in itertools.pairwise([*bounds, 1 << 64]):
        yield rows.filter(
            pl.col("hash").is_between(pl.lit(first, pl.UInt64), pl.lit(end - 1, pl.UInt64))
        )


def _n_phrases(folder: Path) -> float:
    """Return the sum over all counted phrases, as `Sums.n_phrases` does."""
    rows = _shared_rows(folder)
    return 0.0 if rows is None else int(rows.select(TIMES.sum()).collect().item()) / SCALE


def _added_up(context: RunContext, before: Counts, others: Sums, least: float) -> tuple[Sums, Sums]:
    """Add the counts of the parts up, and stage them for the lake.

    All phrases are held for one range of hashes after the other.

    Args:
        context: the run.
        before: what was counted of other lines.
        others: the same by hash.
        least: lines that must hold a phrase for the sums to have it.

    Returns:
        The sums, and of them what each reading counts alike (`Counts.delimited`).
    """
    stood = _shared_rows(context.staging / _COUNTED_WORDS)
    words = KEYWORD_WORDS.to_frame()
    if stood is not None:
        words = stood.group_by("word_key").sum().collect()
    gained = before.gain(Counts(KEYWORD_PHRASES.to_frame(), words))
    write_part(context.staging, "keyword_words", "night", words)
    firsts, sames = [], []
    for number, rows in enumerate(_by_range(context.staging / _COUNTED)):
        phrases = (
            rows.group_by("hash")
            .agg(
                pl.col("keyword_key", "is_longer").first(),
                pl.col("n_delimited", "n_expected").sum(),
            )
            .collect()
        )
        texts = phrases.select(KEYWORD_PHRASES.names())
        gained += before.gain(Counts(texts, KEYWORD_WORDS.to_frame()))
        write_part(context.staging, "keyword_phrases", f"night-{number:04}", texts)
        counts = Counts(phrases, KEYWORD_WORDS.to_frame())
        firsts.append(_sums_of_hashed(counts).without_rare(least, beside=others))
        sames.append(_sums_of_hashed(counts.delimited()))
    write_part(context.staging, "keyword_totals", "night", gained.to_frame())
    by_word = Sums.of(Counts(KEYWORD_PHRASES.to_frame(), words)).words
    first, same = (replace(Sums.joined(sums), words=by_word) for sums in (firsts, sames))
    return first, same


def _sums_of_hashed(counts: Counts) -> Sums:
    """Return the sums of counts whose phrases have `hash` and `is_longer`."""
    phrases = counts.phrases
    hashes, longer = phrases["hash"].to_numpy(), phrases["is_longer"].to_numpy()
    return Sums.of_hashed(counts, hashes, longer)

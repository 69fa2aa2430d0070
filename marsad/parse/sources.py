"""From what pages print as their sources to the sources they mean, over a column.

A name that no row of `sources.csv` has becomes a source of its own with `is_known = false`, so that
nothing is lost and the list can grow by what is seen.
"""

from dataclasses import dataclass

import polars as pl

from marsad.parse.source_index import SourceIndex
from marsad.parse.source_values import Mention, mentions_of
from marsad.schema import SOURCES


@dataclass(frozen=True, slots=True)
class ResolvedSources:
    """What a column of raw values means.

    Attributes:
        links: `source_raw` (String, each value once, sorted), `source_ids` (List(String), in
            order, no repeats; empty where the value names no source).
        sources: `marsad.schema.SOURCES`, a row for each source named, by `source_id`. A row that is
            not known has a name and nothing else; of several printings the shortest, then the
            first in code point order, so that the order of pages does not matter.
    """

    links: pl.DataFrame
    sources: pl.DataFrame


def resolve_sources(raw: pl.Series, index: SourceIndex) -> ResolvedSources:
    """Resolve every distinct value of a column.

    Args:
        raw: String; nulls are skipped.
        index: the known sources.
    """
    values: list[str] = raw.drop_nulls().unique().sort().to_list()
    mentions = [mentions_of(value, index) for value in values]
    links = pl.DataFrame(
        {
            "source_raw": values,
            "source_ids": [[mention.source_id for mention in found] for found in mentions],
        },
        schema={"source_raw": pl.String(), "source_ids": pl.List(pl.String())},
    )
    return ResolvedSources(links, source_rows([m for found in mentions for m in found]))


def source_rows(mentions: list[Mention]) -> pl.DataFrame:
    """Return one row of `SOURCES` for each source among the mentions, by `source_id`."""
    best: dict[str, Mention] = {}
    for mention in mentions:
        held = best.setdefault(mention.source_id, mention)
        if (len(mention.name), mention.name) < (len(held.name), held.name):
            best[mention.source_id] = mention
    rows = [_row(best[source_id]) for source_id in sorted(best)]
    return pl.DataFrame(rows, schema=SOURCES, orient="row")


def _row(mention: Mention) -> tuple[str, str, str | None, str | None, str | None, str | None, bool]:
    known = mention.known
    if known is None:
        return (mention.source_id, mention.name, None, None, None, None, False)
    return (
        mention.source_id,
        known.name,
        known.name_en or None,
        known.kind or None,
        known.country or None,
        known.domain or None,
        True,
    )

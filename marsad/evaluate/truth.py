"""What is true of invented pages, as items by field."""

import csv
import functools
from collections.abc import Mapping
from typing import Final

import polars as pl

from marsad.evaluate.found import LINKS
from marsad.evaluate.score import of_bag, of_list, one_a_key
from marsad.ids import hash_bytes, hash_id
from marsad.parse.arabic import fold_series
from marsad.settings import PROJECT_DIR

SOURCES: Final = ("known_sources", "read_also_known_sources")
LANGUAGE: Final = "language"
KEYWORDS: Final = ("keywords_delimited", "keywords_undelimited")
#: Fields, and the kind of match between a link and its article.
TARGETS: Final = {"link_target_exact": "exact", "link_target_near": "near"}

KNOWN_SOURCES: Final = PROJECT_DIR / "data" / "synth" / "known_sources.csv"
_AGENCIES: Final = "وكالات"  # agencies, behind a source's name: a source of its own

_ONE: Final = (
    "title",
    "publisher",
    "author",
    "published_at",
    "updated_at",
    "source",
    "keyword_line",
    "read_also_title",
    "read_also_source",
)


def with_page_ids(truth: pl.DataFrame, dump_ids: Mapping[str, str]) -> pl.DataFrame:
    """Add page_id to a block of truth.

    Args:
        truth: schema `marsad.synth.truth.TRUTH`.
        dump_ids: by the file's name there.
    """
    ids = [
        hash_id(dump_ids[file], member or "", str(record_no))
        for file, member, record_no in truth.select("file", "member", "record_no").iter_rows()
    ]
    return truth.with_columns(page_id=pl.Series(ids, dtype=pl.String()))


def field_truth(truth: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Return the true items of everything but keywords and the targets of links.

    Args:
        truth: a block with page_id.
        printed: page_id and role of the bodies that were kept as this page prints them.
    """
    lines = ("signature", "promotion", "contact")
    one = truth.rename(
        {
            "publisher_raw": "publisher",
            "source_raw": "source",
            "keywords_raw": "keyword_line",
            "read_also_source_raw": "read_also_source",
        }
    ).with_columns(pl.col(name).list.join("\n") for name in lines)
    parts = [one_a_key(one, "page_id", [*_ONE, *lines])]
    for role, body in (("main", "body"), ("read_also", "read_also_body")):
        there = truth.select("page_id", pl.col(body)).drop_nulls()
        ids = [hash_bytes(folded.encode()) for folded in fold_series(there[body])]
        parts.append(one_a_key(there.with_columns(pl.Series(body, ids)), "page_id", [body]))
        kept = there.join(printed.filter(role=role), on="page_id", how="semi")
        as_printed = f"{body}_as_printed"
        parts.append(one_a_key(kept.rename({body: as_printed}), "page_id", [as_printed]))
        if role == "main":
            arabic = kept.select("page_id", pl.lit("ar").alias(LANGUAGE))
            parts.append(one_a_key(arabic, "page_id", [LANGUAGE]))
    for field, prefix in zip(SOURCES, ("", "read_also_"), strict=True):
        parts.append(of_list(_known_sources(truth, prefix, field), "page_id", field))
    parts.append(of_list(truth.select("page_id", pl.col("links").alias(LINKS)), "page_id", LINKS))
    return pl.concat(parts)


@functools.cache
def known_sources() -> dict[str, str]:
    """Return by the generator's name of a publisher the slug in `data/reference/sources.csv`.

    Empty where the reference data does not know it, or where several have the name: `الوطن` (the
    homeland) is a newspaper in eight countries, and a line with no more than that names none.
    """
    with KNOWN_SOURCES.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: row["id"] for row in csv.DictReader(rows)}


def _known_sources(truth: pl.DataFrame, prefix: str, field: str) -> pl.DataFrame:
    slugs = known_sources()
    ids = {name: hash_id("source", slug) if slug else None for name, slug in slugs.items()}
    element = pl.element().replace_strict(ids, return_dtype=pl.String()).drop_nulls()
    raw = pl.col(f"{prefix}source_raw")
    agencies = pl.when(raw.str.ends_with(f" {_AGENCIES}")).then([hash_id("source", "agencies")])
    return truth.select(
        "page_id",
        pl.col(f"{prefix}source_names")
        .list.eval(element)
        .list.concat(agencies.otherwise([]))
        .alias(field),
    )


def keyword_truth(lines: pl.DataFrame, field: str, *, is_delimited: bool) -> pl.DataFrame:
    """Return the true keywords of lines of one kind, folded, with their repeats.

    Args:
        lines: article_id, keywords (List(String)), keywords_delimited.
        field: what they are called.
    """
    bag = (
        lines.filter(keywords_delimited=is_delimited)
        .select(key="article_id", value="keywords")
        .explode("value")
    )
    return of_bag(bag.with_columns(value=fold_series(bag["value"])), field)


def target_truth(truth: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of the articles that links lead to, by the kind of their match."""
    links = truth.filter(pl.col("links").list.len() > 0).select(
        "page_id",
        "link_targets",
        "link_matches",
        position=pl.int_ranges(1, pl.col("links").list.len() + 1),
    )
    return (
        links.explode("link_targets", "link_matches", "position")
        .drop_nulls("link_targets")
        .select(
            pl.col("link_matches")
            .replace_strict({match: field for field, match in TARGETS.items()})
            .alias("field"),
            pl.col("page_id").alias("key"),
            pl.col("position").cast(pl.Int64),
            pl.col("link_targets").cast(pl.String).alias("value"),
        )
    )

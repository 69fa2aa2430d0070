"""The public entry: a batch of records in, the rows of each staged table out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from marsad import schema
from marsad.ids import hash_id
from marsad.parse import fields, tables
from marsad.parse.arabic import fold_series
from marsad.parse.citations import find_citations
from marsad.parse.dates import parse_dates
from marsad.parse.header import (
    mark_addresses,
    mark_header,
    mark_repeated_titles,
    mark_signatures,
)
from marsad.parse.keywords.lines import keyword_lines
from marsad.parse.language import detect_languages
from marsad.parse.lines import split_lines
from marsad.parse.links import find_links
from marsad.parse.read_also import mark_second_articles
from marsad.parse.rules import Rules
from marsad.parse.sections import Section, find_sections
from marsad.parse.sources import resolve_sources

#: Raised by hand when the code parses the same record to other rows; what changes in the reference
#: data is added to it (`Rules.parser_version`).
PARSER_VERSION: Final = "3"

_NO_WARNINGS = pl.lit([], pl.List(pl.String()))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a batch of records became; each frame has its schema in `marsad.schema`."""

    pages: pl.DataFrame
    articles: pl.DataFrame
    sightings: pl.DataFrame
    sighting_sources: pl.DataFrame
    sources: pl.DataFrame
    keyword_lines: pl.DataFrame
    related_links: pl.DataFrame
    citations: pl.DataFrame
    rejects: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the frames by the names of their tables."""
        return {name: getattr(self, name) for name in self.__slots__}


def parse_records(records: pl.DataFrame, rules: Rules) -> Parsed:
    """Parse a batch of records.

    Args:
        records: schema `RECORDS`.
        rules: labels, sources and the parser's version.

    Returns:
        The rows; a record with no body at all is in `rejects` (rule `no_body`) and nowhere else.
    """
    pages, texts, links = read_pages(records, rules)
    texts = tables.article_ids(texts)
    main = texts.filter(~pl.col("second")).select("page", main_article_id="article_id")
    pages = pages.join(main, on="page", how="left", maintain_order="left")
    kept = pages.join(texts, on="page", how="semi", maintain_order="left")

    sightings = tables.sightings_of(kept, texts)
    sightings = sightings.with_columns(fold_series(sightings["title_raw"]).alias("title_key"))
    resolved = resolve_sources(sightings["source_raw"], rules.sources)
    sightings = sightings.join(
        resolved.links, on="source_raw", how="left", maintain_order="left"
    ).with_columns(pl.col("source_ids").list.first().alias("source_id"))
    sightings = sightings.with_columns(detect_languages(sightings["body"]).alias("language"))
    first = tables.first_printings(sightings)
    printings = (first == pl.int_range(len(first), eager=True)).arg_true()
    found = find_citations(sightings["body"].gather(printings), rules.sources)
    found = found.with_columns(first=first.gather(printings.gather(found["row"])))
    citations = tables.citations_of(found, first, sightings)
    return Parsed(
        pages=tables.select(
            kept.with_columns(
                pl.coalesce("field_title", "title").alias("title"),
                pl.coalesce("publisher", "field_source").alias("publisher_raw"),
                pl.coalesce("field_author", "author").alias("author"),
            ),
            schema.PAGES,
        ),
        articles=tables.articles_of(sightings, rules.parser_version),
        sightings=tables.select(sightings, schema.SIGHTINGS),
        sighting_sources=tables.sighting_sources_of(sightings),
        sources=tables.sources_of(resolved.sources, citations, rules.sources),
        keyword_lines=keyword_lines(
            # A page may print one text twice: then the line of its main article counts.
            sightings.filter(pl.col("keywords_raw").is_not_null())
            .unique(["page_id", "article_id"], keep="first", maintain_order=True)
            .select(
                "page_id",
                "article_id",
                "observed_at",
                "keywords_raw",
                title="title_raw",
                folded_body="folded",
            )
        ),
        related_links=tables.related_links_of(kept, links),
        citations=citations,
        rejects=tables.rejects_of(
            records.filter(~pl.int_range(len(records)).is_in(texts["page"].implode())),
            rules.raw_bytes,
        ),
    )


def read_pages(
    records: pl.DataFrame, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Read sections and fields of each record.

    Returns:
        pages: a row a record, in order, with all that record and page say of themselves.
        texts: a row an article, main ones first: page, second, body, lead, n_paragraphs, folded,
            n_words.
        links: page, position, title.
    """
    given = _given_fields(records)
    lines = split_lines(records["text"], rules.labels.running)
    found = find_sections(lines, rules.labels)
    mark_header(lines, found, (records["kind"] == "page").to_numpy())
    title = fields.first_lines(lines, found, Section.TITLE)
    own_title = given["field_title"]
    title_keys = fold_series(own_title.zip_with(own_title.is_not_null(), title))
    mark_repeated_titles(lines, found, title_keys, second=False)
    mark_addresses(lines, found)
    mark_signatures(lines, found, fields.has_line(lines, found, Section.TITLE))
    mark_second_articles(lines, found, frozenset(rules.sources.names))
    printed = fields.header_fields(lines, found)
    mark_repeated_titles(lines, found, fold_series(printed["title_2"]), second=True)
    links = find_links(lines, found)
    pages = given.hstack(
        [
            *printed.get_columns(),
            *fields.by_article(fields.sources(lines, found), "source", len(records)),
            *fields.by_article(fields.keyword_lines(lines, found), "keywords", len(records)),
            *(
                fields.joined_lines(lines, found, section)
                for section in (Section.SIGNATURE, Section.PROMOTION, Section.CONTACT)
            ),
        ]
    )
    pages = _with_dates(pages, rules)
    texts = pl.concat(
        [
            fields.bodies(lines, found, second=second).with_columns(pl.lit(second).alias("second"))
            for second in (False, True)
        ]
    )
    return pages, texts, links


def _given_fields(records: pl.DataFrame) -> pl.DataFrame:
    """Name the fields that the record itself gives; a blank one is null."""
    named = {
        "title": "field_title",
        "source": "field_source",
        "author": "field_author",
        "keywords": "field_keywords",
    }
    page_ids = [
        hash_id(dump_id, member or "", str(record_no))
        for dump_id, member, record_no in records.select(
            "dump_id", "member", "record_no"
        ).iter_rows()
    ]
    return (
        records.select(
            pl.Series("page_id", page_ids, dtype=pl.String()),
            "dump_id",
            "member",
            "record_no",
            "byte_offset",
            "url",
            *(
                pl.col(old).str.strip_chars().replace("", None).alias(new)
                for old, new in named.items()
            ),
            "published_raw",
            "updated_raw",
            "observed_raw",
            "observed_default",
        )
        .with_row_index("page")
        .with_columns(pl.col("page").cast(pl.Int64))
    )


def _with_dates(pages: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add published_at, updated_at, observed_at and warnings; a record's own dates come first."""
    # All at once: what is done to a column costs as much for five short ones each.
    names = ("published_raw", "published", "updated_raw", "updated", "observed_raw")
    times, is_unread = parse_dates(pl.concat([pages[name] for name in names]), months=rules.months)
    n = pages.height
    own, printed, updated, printed_update, observed = (
        times[n * place : n * (place + 1)] for place in range(len(names))
    )
    is_impossible = np.logical_or.reduce(is_unread.to_numpy().reshape(len(names), n))
    return pages.with_columns(
        published_at=own.zip_with(own.is_not_null(), printed),
        updated_at=updated.zip_with(updated.is_not_null(), printed_update),
        observed_at=observed.zip_with(observed.is_not_null(), pages["observed_default"]),
        warnings=pl.when(pl.Series(is_impossible))
        .then(pl.lit(["impossible_date"]))
        .otherwise(_NO_WARNINGS),
    )

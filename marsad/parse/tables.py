"""Tables: articles, sightings and the rest, from what the pages say."""

from typing import Final

import orjson
import polars as pl

from marsad import schema
from marsad.ids import hash_bytes, hash_id
from marsad.parse.arabic import fold_series
from marsad.parse.slices import bytes_of_each
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_values import Mention
from marsad.parse.sources import source_rows

MAIN: Final = "main"
READ_ALSO: Final = "read_also"

#: Where a title or a source was printed; the lowest wins.
_FIELD = pl.lit(0, pl.Int8)
_HEADER_TITLE, _READ_ALSO_TITLE = pl.lit(1, pl.Int8), pl.lit(2, pl.Int8)
_SOURCE_LINE, _PUBLISHER = pl.lit(1, pl.Int8), pl.lit(2, pl.Int8)
_READ_ALSO_LINE = pl.lit(3, pl.Int8)


def sightings_of(pages: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Make a row for each article on each page, those of main articles first.

    Args:
        pages: as `marsad.parse.page` reads them, a row a page.
        texts: a row an article, main ones first: page, second, body, lead, n_paragraphs, folded,
            article_id and n_words.

    Returns:
        Columns of `schema.SIGHTINGS` less source_id and title_key, and those of `texts`.
    """
    rows = texts.join(pages, on="page", how="left", maintain_order="left")
    main = ~pl.col("second")
    title = pl.when(main).then(pl.coalesce("field_title", "title")).otherwise("title_2")
    source = (
        pl.when(main)
        .then(pl.coalesce("field_source", "source", "publisher"))
        .otherwise(pl.coalesce("source_2", "publisher_2"))
    )
    return rows.with_columns(
        pl.when(main).then(pl.lit(MAIN)).otherwise(pl.lit(READ_ALSO)).alias("role"),
        title.alias("title_raw"),
        pl.when(title.is_null())
        .then(None)
        .when(~main)
        .then(_READ_ALSO_TITLE)
        .when(pl.col("field_title").is_not_null())
        .then(_FIELD)
        .otherwise(_HEADER_TITLE)
        .alias("title_rank"),
        source.alias("source_raw"),
        pl.when(source.is_null())
        .then(None)
        .when(main & pl.col("field_source").is_not_null())
        .then(_FIELD)
        .when(pl.when(main).then("source").otherwise("source_2").is_not_null())
        .then(_SOURCE_LINE)
        .when(main)
        .then(_PUBLISHER)
        .otherwise(_READ_ALSO_LINE)
        .alias("source_rank"),
        pl.when(main)
        .then(pl.coalesce("field_keywords", "keywords"))
        .otherwise("keywords_2")
        .alias("keywords_raw"),
        pl.when(main).then("published_at").alias("published_at"),
    )


def article_ids(texts: pl.DataFrame) -> pl.DataFrame:
    """Add article_id, the hash of the folded body."""
    ids = [hash_bytes(text) for text in bytes_of_each(texts["folded"])]
    return texts.with_columns(pl.Series("article_id", ids, dtype=pl.String()))


def first_printings(sightings: pl.DataFrame) -> pl.Series:
    """Number of each sighting the first one that prints the same text alike.

    What is costly is done once for them.
    """
    same = sightings.select("article_id", "body", row=pl.int_range(pl.len())).filter(
        pl.col("article_id").is_duplicated()
    )
    first = same.select("row", first=pl.col("row").first().over("article_id", "body"))
    return pl.int_range(sightings.height, eager=True).scatter(first["row"], first["first"])


def citations_of(found: pl.DataFrame, first: pl.Series, sightings: pl.DataFrame) -> pl.DataFrame:
    """Give the citations that were found in distinct printings to every page that prints them.

    Any of the pages may turn out to be the one that an article's body is taken from; of one that
    prints a text twice it is the main article's.

    Args:
        found: columns of `CITATIONS` without ids, and first, the number of the sighting in which
            they were found: one that is its own first printing.
        first: what `first_printings` returns.
        sightings: the sightings, those of main articles first.
    """
    pages = sightings.select("article_id", "page_id", first=first).unique(
        ["page_id", "article_id"], keep="first", maintain_order=True
    )
    rows = pages.join(found, on="first", how="inner", maintain_order="left_right")
    return select(rows, schema.CITATIONS)


def articles_of(sightings: pl.DataFrame, parser_version: str) -> pl.DataFrame:
    """Make the rows of `schema.ARTICLES`, one for each sighting."""
    return select(
        sightings.with_columns(
            pl.col("body").str.len_chars().cast(pl.Int64).alias("n_chars"),
            pl.lit(parser_version).alias("parser_version"),
        ),
        schema.ARTICLES,
    )


def sighting_sources_of(sightings: pl.DataFrame) -> pl.DataFrame:
    """Make a row for each source that a sighting names, from its `source_ids`."""
    rows = sightings.select("page_id", "article_id", "role", "source_ids").filter(
        pl.col("source_ids").list.len() > 0
    )
    rows = rows.with_columns(
        pl.int_ranges(1, pl.col("source_ids").list.len() + 1).alias("position")
    )
    return select(
        rows.explode("source_ids", "position").rename({"source_ids": "source_id"}),
        schema.SIGHTING_SOURCES,
    )


def sources_of(named: pl.DataFrame, citations: pl.DataFrame, index: SourceIndex) -> pl.DataFrame:
    """Add to the sources that sightings name those that bodies cite."""
    cited = citations.select("source_id").unique().join(named, on="source_id", how="anti")
    by_id = {source.source_id: source for source in index.sources.values()}
    known = [by_id[source_id] for source_id in cited["source_id"].sort()]
    rows = source_rows([Mention(source.source_id, source.name, source) for source in known])
    return pl.concat([named, rows]).sort("source_id")


def related_links_of(pages: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Make the rows of `schema.RELATED_LINKS`; links of rejected pages are left out."""
    rows = links.join(
        pages.select("page", "page_id", pl.col("main_article_id").alias("article_id")),
        on="page",
        how="inner",
        maintain_order="left",
    ).with_columns(pl.lit(None, pl.String()).alias("url"))
    return select(
        rows.with_columns(fold_series(rows["title"]).alias("title_key")), schema.RELATED_LINKS
    )


def rejects_of(records: pl.DataFrame, raw_bytes: int) -> pl.DataFrame:
    """Make a reject of each record without a body; its raw form is kept, cut to `raw_bytes`."""
    rows = []
    for row in records.iter_rows(named=True):
        raw, form = _raw(row)
        rows.append(
            {
                "reject_id": hash_id(
                    row["dump_id"], row["member"] or "", str(row["record_no"]), "no_body"
                ),
                "dump_id": row["dump_id"],
                "member": row["member"],
                "record_no": row["record_no"],
                "byte_offset": row["byte_offset"],
                "rule": "no_body",
                "detail": "no line of text is left as a body",
                "raw": raw[:raw_bytes].decode(errors="ignore"),
                "raw_encoding": "text",
                "observed_default": row["observed_default"],
                "raw_form": form if len(raw) <= raw_bytes else None,
            }
        )
    return pl.DataFrame(rows, schema=schema.REJECTS)


def _raw(row: dict[str, object]) -> tuple[bytes, str]:
    """Return a page that is nothing but its text, or a record's fields as JSON, and which it is."""
    names = [name for name in schema.RECORDS.names() if schema.RECORDS[name] == pl.String()]
    given = {name: row[name] for name in names[names.index("kind") :] if row[name] is not None}
    if given.keys() == {"kind", "text"} and given["kind"] == "page":
        return str(given["text"]).encode(), "page"
    return orjson.dumps(given), "fields"


def select(rows: pl.DataFrame, columns: pl.Schema) -> pl.DataFrame:
    """Bring rows to a schema: its columns, in order, with its types."""
    return rows.select(pl.col(name).cast(dtype) for name, dtype in columns.items())

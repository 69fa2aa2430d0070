"""Invented pages, published into a lake of their own and compared with their truth."""

from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from marsad.evaluate.corpus import Corpus
from marsad.evaluate.found import LINKS, PAGE_FIELDS, page_items
from marsad.evaluate.night import publish_night
from marsad.evaluate.score import Score, Tally, of_bag, of_list, one_a_key
from marsad.evaluate.truth import (
    KEYWORDS,
    LANGUAGE,
    SOURCES,
    TARGETS,
    field_truth,
    keyword_truth,
    target_truth,
    with_page_ids,
)
from marsad.lake.connect import open_lake
from marsad.settings import Settings

CORPUS: Final = "synth"

#: The pages that are asked about are in the relation `asked`.
_PAGES: Final = """
select page_id, title, publisher_raw, author, published_at, updated_at, signature, promotion,
    contact
from news.pages semi join asked using (page_id)
"""
_SIGHTINGS: Final = """
select page_id, role, article_id, title_raw, source_raw, keywords_raw
from news.sightings semi join asked using (page_id)
"""
# An article's body is that of the page which its basis names.
_PRINTED: Final = """
select
    split_part(body_basis, '|', 3) as page_id,
    if(body_basis[1] = '0', 'main', 'read_also') as role,
    body,
    language
from news.articles
where split_part(body_basis, '|', 3) in (select page_id from asked)
"""
_LINKS: Final = """
select page_id, position, title, target_article_id, match
from news.related_links semi join asked using (page_id)
"""
_KNOWN: Final = """
select page_id, role, list(sources.source_id order by position) as ids
from news.sighting_sources as named
semi join asked using (page_id)
inner join news.sources as sources on named.source_id = sources.source_id
where sources.is_known
group by all
"""
_KEYWORDS: Final = """
select article_id, keyword_key, n_occurrences
from news.article_keywords
inner join news.keywords using (keyword_id)
where article_id in (
    select article_id from news.sightings semi join asked using (page_id) where role = 'main'
)
"""


def measure(corpus: Corpus, settings: Settings) -> list[Score]:
    """Publish the corpus into a new lake, and compare every field with the truth.

    Args:
        corpus: of `make_corpus`.
        settings: whose lake is a folder of one's own.
    """
    publish_night(settings, [str(corpus.dumps)])
    return compare(corpus, settings)


def compare(corpus: Corpus, settings: Settings) -> list[Score]:
    """Compare what a lake says of the corpus with the truth."""
    fields = Tally(CORPUS, [*PAGE_FIELDS, *SOURCES, LINKS, LANGUAGE])
    targets = Tally(CORPUS, list(TARGETS))
    keywords = Tally(CORPUS, KEYWORDS)
    numbers = []
    with open_lake(settings.lake, temp=settings.lake / "spill") as con:
        dump_ids = _dump_ids(con, corpus)
        for block in corpus.blocks():
            truth = with_page_ids(block, dump_ids)
            con.register("asked", truth.select("page_id"))
            _add_fields(con, truth, fields)
            numbers.append(_add_keywords(con, truth, keywords))
        # A link may lead to any page of the corpus: first all articles must have their numbers.
        by_article = pl.concat(numbers).unique("article_id", keep="any")
        for block in corpus.blocks():
            truth = with_page_ids(block, dump_ids)
            con.register("asked", truth.select("page_id"))
            _add_targets(con, truth, by_article, targets)
    return [*fields.scores(), *targets.scores(), *keywords.scores()]


def _dump_ids(con: duckdb.DuckDBPyConnection, corpus: Corpus) -> dict[str, str]:
    """Return dump ids by the name that the truth has for the dump's file."""
    rows = con.execute("select uri, dump_id from ops.dumps").fetchall()
    root = corpus.dumps.resolve()
    return {Path(uri).resolve().relative_to(root).as_posix(): dump_id for uri, dump_id in rows}


def _add_fields(con: duckdb.DuckDBPyConnection, truth: pl.DataFrame, tally: Tally) -> None:
    printed = con.sql(_PRINTED).pl()
    known = con.sql(_KNOWN).pl()
    found = [
        page_items(con.sql(_PAGES).pl(), con.sql(_SIGHTINGS).pl(), printed, con.sql(_LINKS).pl()),
        one_a_key(printed.filter(role="main"), "page_id", [LANGUAGE]),
    ]
    for role, field in zip(("main", "read_also"), SOURCES, strict=True):
        found.append(of_list(known.filter(role=role).rename({"ids": field}), "page_id", field))
    tally.add(field_truth(truth, printed.select("page_id", "role")), pl.concat(found))


def _add_keywords(
    con: duckdb.DuckDBPyConnection, truth: pl.DataFrame, tally: Tally
) -> pl.DataFrame:
    """Count the keywords of main articles; return article_id and number of all articles."""
    shown = con.sql(_SIGHTINGS).pl().join(truth, on="page_id")
    main, second = shown.filter(role="main"), shown.filter(role="read_also")
    # All pages that show an article have the same line, or none.
    lines = (
        main.filter(pl.col("keywords_raw_right").is_not_null())
        .unique("article_id", keep="any")
        .select("article_id", "keywords", "keywords_delimited")
    )
    found = con.sql(_KEYWORDS).pl().join(lines, on="article_id", how="left")
    repeated = pl.col("keyword_key").repeat_by("n_occurrences")
    for is_delimited, field in zip((True, False), KEYWORDS, strict=True):
        # A line that is not there has no kind: what is found of it is wrong as a cut.
        mine = found.filter(pl.col("keywords_delimited").fill_null(False) == is_delimited)
        bag = mine.select(key="article_id", value=repeated).explode("value")
        tally.add(keyword_truth(lines, field, is_delimited=is_delimited), of_bag(bag, field))
    return pl.concat(
        [
            main.select("article_id", number="main_article"),
            second.select("article_id", number="read_also_article").drop_nulls("number"),
        ]
    )


def _add_targets(
    con: duckdb.DuckDBPyConnection, truth: pl.DataFrame, numbers: pl.DataFrame, tally: Tally
) -> None:
    links = con.sql(_LINKS).pl().drop_nulls("target_article_id")
    links = links.join(
        numbers, left_on="target_article_id", right_on="article_id", how="left"
    ).select(
        pl.col("match").replace_strict({m: f for f, m in TARGETS.items()}).alias("field"),
        pl.col("page_id").alias("key"),
        "position",
        pl.col("number").cast(pl.String).alias("value"),
    )
    tally.add(target_truth(truth), links)

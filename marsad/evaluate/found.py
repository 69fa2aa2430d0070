"""What the parser found on pages, as items by field."""

from typing import Final

import polars as pl

from marsad.evaluate.score import of_list, one_a_key

#: Fields of which a page has one, as `page_items` names them.
PAGE_FIELDS: Final = (
    "title",
    "publisher",
    "author",
    "published_at",
    "updated_at",
    "source",
    "keyword_line",
    "body",
    "body_as_printed",
    "read_also_title",
    "read_also_source",
    "read_also_keyword_line",
    "read_also_body",
    "read_also_body_as_printed",
    "signature",
    "promotion",
    "contact",
)
LINKS: Final = "related_links"

_OF_PAGES: Final = {
    "title": "title",
    "publisher_raw": "publisher",
    "author": "author",
    "published_at": "published_at",
    "updated_at": "updated_at",
    "signature": "signature",
    "promotion": "promotion",
    "contact": "contact",
}
_OF_SIGHTINGS: Final = {
    "source_raw": "source",
    "keywords_raw": "keyword_line",
    "article_id": "body",
}
_OF_SECOND: Final = {
    "title_raw": "read_also_title",
    "source_raw": "read_also_source",
    "keywords_raw": "read_also_keyword_line",
    "article_id": "read_also_body",
}


def page_items(
    pages: pl.DataFrame, sightings: pl.DataFrame, printed: pl.DataFrame, links: pl.DataFrame
) -> pl.DataFrame:
    """Return the items of pages.

    A body is measured twice: as the article that it is (`body`: the hash of its folded text), and
    letter by letter (`body_as_printed`), where it is this page's printing that was kept.

    Args:
        pages: page_id, title, publisher_raw, author, published_at, updated_at, signature,
            promotion, contact.
        sightings: page_id, role, article_id, title_raw, source_raw, keywords_raw.
        printed: page_id, role, body: the printings that were kept.
        links: page_id, position, title.
    """
    main = pl.col("role") == "main"
    parts = [
        _renamed(pages, _OF_PAGES),
        _renamed(sightings.filter(main), _OF_SIGHTINGS),
        _renamed(sightings.filter(~main), _OF_SECOND),
        _renamed(printed.filter(main), {"body": "body_as_printed"}),
        _renamed(printed.filter(~main), {"body": "read_also_body_as_printed"}),
    ]
    by_page = (
        links.sort("page_id", "position").group_by("page_id", maintain_order=True).agg("title")
    )
    return pl.concat([*parts, of_list(by_page.rename({"title": LINKS}), "page_id", LINKS)])


def _renamed(rows: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    return one_a_key(rows.select("page_id", *names).rename(names), "page_id", list(names.values()))

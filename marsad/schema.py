"""The Polars schema of every table that passes between stages, in one place.

Times are UTC, microseconds. Ids are 32 hex digits (`marsad.ids`). Positions count from 1, byte and
character offsets from 0.
"""

from typing import Final

import polars as pl

UTC: Final = pl.Datetime("us", "UTC")

#: Records as the readers in `marsad.dumps` give them: one row a record, display text untouched.
RECORDS: Final = pl.Schema(
    {
        "dump_id": pl.String(),
        "member": pl.String(),  # null outside archives; nested members as `inner.zip!page.txt`
        "record_no": pl.Int64(),  # from 1; for JSON Lines the number of the line
        "byte_offset": pl.Int64(),  # of the record's first byte in the decompressed member
        "kind": pl.String(),  # `page` (one scraped text) or `article` (structured fields)
        "text": pl.String(),  # the page, or the article's content; never null
        "title": pl.String(),
        "source": pl.String(),
        "author": pl.String(),
        "url": pl.String(),
        "keywords": pl.String(),  # a list becomes lines, one keyword each
        "published_raw": pl.String(),
        "updated_raw": pl.String(),
        "observed_raw": pl.String(),  # the record's own date of extraction or crawl
        "observed_default": UTC,  # the caller's date, else one in the path, else the file's mtime
    }
)

#: A record, or a part of a file, that could not become rows.
REJECTS: Final = pl.Schema(
    {
        "reject_id": pl.String(),  # hash_id(dump_id, member or "", record_no, rule)
        "dump_id": pl.String(),
        "member": pl.String(),
        "record_no": pl.Int64(),
        "byte_offset": pl.Int64(),
        "rule": pl.String(),
        "detail": pl.String(),
        "raw": pl.String(),  # the record as text, or base64 when it is no text
        "raw_encoding": pl.String(),  # `text` or `base64`
        "observed_default": UTC,  # as in `RECORDS`
        # how all of the record reads from `raw`: `page`, `object` (JSON as in the dump), `fields`
        # (JSON, the columns of `RECORDS`); null where `raw` is cut or not enough
        "raw_form": pl.String(),
    }
)

#: What became of each dump in one chunk; summed over the chunks of a run.
DUMP_COUNTS: Final = pl.Schema(
    {
        "dump_id": pl.String(),
        "n_records": pl.Int64(),  # records read, rejects among them
        "n_rejects": pl.Int64(),
        "error": pl.String(),  # one line; not null: the whole dump failed and nothing of it is kept
    }
)

PAGES: Final = pl.Schema(
    {
        "page_id": pl.String(),  # hash_id(dump_id, member or "", record_no)
        "dump_id": pl.String(),
        "member": pl.String(),
        "record_no": pl.Int64(),
        "byte_offset": pl.Int64(),
        "url": pl.String(),
        "title": pl.String(),
        "publisher_raw": pl.String(),
        "author": pl.String(),
        "published_at": UTC,
        "updated_at": UTC,
        "observed_at": UTC,
        "main_article_id": pl.String(),  # null only where the page's main body is empty
        "signature": pl.String(),  # author, place and date lines after the body, by newline
        "promotion": pl.String(),  # "appeared first on …", "follow us …" lines, by newline
        "contact": pl.String(),  # e-mail addresses and handles that stand alone, by newline
        "warnings": pl.List(pl.String()),  # rule names, e.g. `impossible_date`
    }
)

#: One row for each sighting (page_id, role): the text as this page prints it. The publication
#: keeps one printing for each distinct text.
ARTICLES: Final = pl.Schema(
    {
        "article_id": pl.String(),  # of the folded body
        "page_id": pl.String(),
        "role": pl.String(),
        "observed_at": UTC,
        "body": pl.String(),  # paragraphs by a blank line
        "lead": pl.String(),  # the first paragraph
        "n_paragraphs": pl.Int64(),
        "n_words": pl.Int64(),
        "n_chars": pl.Int64(),
        "language": pl.String(),  # ISO 639-1 (`ar`, `fa`, `ku`, `en`, `fr`), else `other`
        "parser_version": pl.String(),
    }
)

#: One row for each article on each page: what this page says of it.
SIGHTINGS: Final = pl.Schema(
    {
        "page_id": pl.String(),
        "dump_id": pl.String(),
        "article_id": pl.String(),
        "role": pl.String(),  # `main` or `read_also`
        "title_raw": pl.String(),
        "title_key": pl.String(),  # folded
        "title_rank": pl.Int8(),  # 0 structured field, 1 page header, 2 read-also title
        "source_raw": pl.String(),
        "source_id": pl.String(),
        # 0 structured field, 1 `source:` line, 2 header publisher, 3 line of the read-also block
        "source_rank": pl.Int8(),
        "keywords_raw": pl.String(),
        "published_at": UTC,
        "observed_at": UTC,
    }
)

#: Every source that a sighting names, in order ("Reuters + agencies" names two).
SIGHTING_SOURCES: Final = pl.Schema(
    {
        "page_id": pl.String(),
        "article_id": pl.String(),
        "role": pl.String(),
        "position": pl.Int64(),
        "source_id": pl.String(),
    }
)

SOURCES: Final = pl.Schema(
    {
        "source_id": pl.String(),
        "name": pl.String(),
        "name_en": pl.String(),
        "kind": pl.String(),
        "country": pl.String(),
        "domain": pl.String(),
        "is_known": pl.Boolean(),
    }
)

#: One row for each keyword line, with what the article's own text says of its phrases.
KEYWORD_LINES: Final = pl.Schema(
    {
        "page_id": pl.String(),
        "article_id": pl.String(),
        "observed_at": UTC,
        "keywords_raw": pl.String(),
        "is_delimited": pl.Boolean(),
        "words": pl.List(pl.String()),  # display words of the line (delimited: whole keywords)
        "keys": pl.List(pl.String()),  # their folded forms, one for one
        # n-grams of the line that stand in the article's folded text, parallel lists
        "span_start": pl.List(pl.UInt16()),
        "span_length": pl.List(pl.UInt8()),
        "span_count": pl.List(pl.UInt16()),
    }
)

#: What keyword lines say of phrases: sums, which may be added up over nights in any order.
KEYWORD_PHRASES: Final = pl.Schema(
    {
        "keyword_key": pl.String(),  # folded
        "n_delimited": pl.Int64(),  # times that it stood between delimiters
        "n_expected": pl.Int64(),  # times that it was a keyword elsewhere, expected, in 1/65536
    }
)

#: How often each word stands in keyword lines.
KEYWORD_WORDS: Final = pl.Schema({"word_key": pl.String(), "n": pl.Int64()})

#: By how much the totals over all phrases and words grew.
KEYWORD_TOTALS: Final = pl.Schema(
    {
        "n_phrases": pl.Int64(),  # sum over the phrases, in 1/65536
        "n_rare": pl.Int64(),  # the same over those that come to one or less
        "n_words": pl.Int64(),  # sum over the words
        "n_distinct_words": pl.Int64(),
    }
)

ARTICLE_KEYWORDS: Final = pl.Schema(
    {
        "page_id": pl.String(),
        "article_id": pl.String(),
        "keyword_id": pl.String(),  # hash_id("keyword", keyword_key)
        "keyword": pl.String(),  # as printed here
        "keyword_key": pl.String(),  # folded
        "position": pl.Int64(),  # of its first occurrence in the line's sequence of keywords
        "n_occurrences": pl.Int64(),
        "confidence": pl.Float64(),  # 0 to 1
    }
)

RELATED_LINKS: Final = pl.Schema(
    {
        "page_id": pl.String(),
        "article_id": pl.String(),
        "position": pl.Int64(),
        "title": pl.String(),
        "title_key": pl.String(),
        "url": pl.String(),
    }
)

CITATIONS: Final = pl.Schema(
    {
        "article_id": pl.String(),
        "page_id": pl.String(),
        "char_offset": pl.Int64(),  # into the article's body
        "citation_raw": pl.String(),
        "source_id": pl.String(),
    }
)

#: Tables that a parsed chunk writes, by name; each is a folder under `staging/<run_id>/`.
STAGED: Final[dict[str, pl.Schema]] = {
    "dump_counts": DUMP_COUNTS,
    "rejects": REJECTS,
    "pages": PAGES,
    "articles": ARTICLES,
    "sightings": SIGHTINGS,
    "sighting_sources": SIGHTING_SOURCES,
    "sources": SOURCES,
    "keyword_lines": KEYWORD_LINES,
    "keyword_phrases": KEYWORD_PHRASES,
    "keyword_words": KEYWORD_WORDS,
    "keyword_totals": KEYWORD_TOTALS,
    "article_keywords": ARTICLE_KEYWORDS,
    "related_links": RELATED_LINKS,
    "citations": CITATIONS,
}

"""Whether a lake is sound: files, keys, references and counts, over all of it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from marsad.lake.connect import CATALOG
from marsad.lake.escape import identifier
from marsad.lake.publish import check

#: Columns that tell the rows of each table apart.
KEYS = {
    "news.articles": ("article_id",),
    "news.pages": ("page_id",),
    "news.sightings": ("page_id", "article_id", "role"),
    "news.sighting_sources": ("page_id", "article_id", "role", "position"),
    "news.sources": ("source_id",),
    "news.keywords": ("keyword_id",),
    "news.article_keywords": ("article_id", "keyword_id"),
    "news.related_links": ("page_id", "position"),
    "ops.dumps": ("dump_id",),
    "ops.runs": ("run_id",),
    "ops.rejects": ("reject_id",),
}

#: What the checks of a publication look at; here it is the whole lake.
_ALL = f"""
create or replace temp view checked_articles as select article_id from {CATALOG}.news.articles;
create or replace temp view checked_pages as select page_id from {CATALOG}.news.pages;
create or replace temp view checked_dumps as select dump_id from {CATALOG}.ops.dumps;
"""


def repeated_keys(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield one line for each table in which a key stands more than once."""
    for table, columns in KEYS.items():
        schema, name = table.split(".")
        relation = f"{identifier(CATALOG)}.{identifier(schema)}.{identifier(name)}"
        key = ", ".join(map(identifier, columns))
        row = con.execute(
            f"select count(*) from (select 1 from {relation} group by {key} having count(*) > 1)"
        ).fetchone()
        if row is not None and row[0]:
            yield f"{row[0]:,} keys of {table} ({', '.join(columns)}) stand more than once"


def failed_checks(con: duckdb.DuckDBPyConnection, sql: Path) -> tuple[str, ...]:
    """Run the checks of every publication over the whole lake; return a line for each failure."""
    con.execute("use memory.main")
    con.execute(_ALL)
    return check(con, sql)

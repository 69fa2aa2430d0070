"""What a night adds to the index of near titles: the signatures of titles that it does not have."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from marsad.batches import batches_of
from marsad.lake.escape import literal
from marsad.lake.titles import title_signatures

_BATCH: Final = 1 << 15  # titles whose signatures are made at a time: few enough for the caches
_NO_TITLES: Final = pl.DataFrame(schema={"title_key": pl.String(), "title_hash": pl.UInt64()})


def stage_signatures(con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Make the temporary view `new_signatures` of the titles that the index does not have yet.

    And `night_titles`, of which each is a title of this night's links and changed articles, by its
    hash; among them `unindexed_titles`, those of a lake that was filled before it had the index.

    Args:
        con: a connection with the lake attached, in the midst of the statements of sql/publish/.
        scratch: a folder for the files behind the view. They are no table, because what a
            transaction inserts bit by bit stays in memory, whatever the engine may hold.
    """
    is_indexed = con.execute("from lake.lookup.title_signatures limit 1").fetchone() is not None
    con.execute(
        "create or replace temp table unindexed_titles as"
        " select title_hash, min(title_key) as title_key from"
        " (select title_hash, title_key from lake.news.articles"
        " union select title_hash, title_key from lake.news.related_links)"
        " where title_key <> '' group by title_hash" + (" limit 0" if is_indexed else "")
    )
    con.execute(
        "create or replace temp table night_titles as"
        # One `distinct` over all: of several `union` the engine makes as many.
        " select title_key, key_hash(title_key) as title_hash from"
        " (select distinct title_key from (select title_key from night_related_links"
        " union all select title_key from merged_articles where is_changed"
        " union all select title_key from unindexed_titles) where title_key <> '')"
    )
    scratch.mkdir(parents=True, exist_ok=True)
    # The night's titles are few, those of the index many: it is read once, and never kept.
    titles = read_batches(
        con,
        "select title_key, title_hash from night_titles where title_hash not in"
        " (select title_hash from lake.lookup.title_signatures where n_left_out = 0"
        " and title_hash in (select title_hash from night_titles))",
    )
    # An empty one in front: the view needs a file.
    for number, batch in enumerate(itertools.chain([_NO_TITLES], titles)):
        signatures = title_signatures(batch["title_key"], hashes=batch["title_hash"])
        signatures.write_parquet(
            scratch / f"signatures-{number:06}.parquet",
            compression="uncompressed",
            statistics=False,
        )
    files = literal(str(scratch / "signatures-*.parquet"))
    con.execute(f"create or replace temp view new_signatures as from read_parquet({files})")


def read_batches(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[pl.DataFrame]:
    """Yield the rows of a query while the engine finds them.

    Until the last of them the connection takes no other statement.

    Raises:
        duckdb.Error: the query failed, at its beginning or in its midst.
    """
    for batch in batches_of(con.execute(query).to_arrow_reader(_BATCH)):
        yield pl.DataFrame(batch)

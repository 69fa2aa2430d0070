"""Nights of hand-made pages, published to a real DuckLake: what the tests of the lake share."""

import atexit
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from marsad.ids import hash_id
from marsad.lake.connect import attach, connect, lake_exists, open_lake
from marsad.lake.migrate import migrate
from marsad.lake.publish import Published, RunRow, Settlement, publish
from marsad.lake.staged import register, write_empty_parts, write_part
from marsad.place import Place, Where, place_of
from marsad.schema import REJECTS, STAGED
from marsad.settings import PROJECT_DIR

SQL = PROJECT_DIR / "sql"
VALIDATIONS = {
    "run_id": pl.String(),
    "suite": pl.String(),
    "expectation": pl.String(),
    "severity": pl.String(),
    "success": pl.Boolean(),
    "n_checked": pl.Int64(),
    "n_unexpected": pl.Int64(),
    "observed": pl.String(),
    "description": pl.String(),
}


@dataclass(frozen=True)
class Page:
    """A page with a main article and, perhaps, a second one."""

    body: str
    day: int = 1
    title: str | None = None
    title_rank: int = 1
    source: str | None = None
    keywords: tuple[str, ...] = ()
    read_also: tuple[str, str] | None = None
    links: tuple[str, ...] = ()


def stage(staging: Path, pages: Sequence[Page], dump: str) -> pl.DataFrame:
    """Write the staged tables of one dump; return its row of ops.dumps."""
    write_empty_parts(staging)
    dump_id = hash_id(dump)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in STAGED}
    for number, page in enumerate(pages, 1):
        page_id = hash_id(dump_id, str(number))
        observed = dt.datetime(2024, 1, page.day, tzinfo=dt.UTC)
        main_id = hash_id("body", page.body)
        source_id = hash_id("source", page.source) if page.source else None
        rows["pages"].append(
            {
                "page_id": page_id,
                "dump_id": dump_id,
                "record_no": number,
                "byte_offset": 0,
                "observed_at": observed,
                "main_article_id": main_id,
            }
        )
        seen = [("main", page.body, page.title, page.title_rank)]
        if page.read_also:
            title, body = page.read_also
            seen.append(("read_also", body, title, 2))
        for role, body, title, rank in seen:
            article_id = hash_id("body", body)
            rows["articles"].append(
                {
                    "article_id": article_id,
                    "page_id": page_id,
                    "role": role,
                    "observed_at": observed,
                    "body": body,
                    "lead": body,
                    "n_paragraphs": 1,
                    "n_words": len(body.split()),
                    "n_chars": len(body),
                    "language": "ar",
                    "parser_version": "test",
                }
            )
            rows["sightings"].append(
                {
                    "page_id": page_id,
                    "dump_id": dump_id,
                    "article_id": article_id,
                    "role": role,
                    "title_raw": title,
                    "title_key": title,
                    "title_rank": rank,
                    "source_raw": page.source if role == "main" else None,
                    "source_id": source_id if role == "main" else None,
                    "source_rank": 1,
                    "keywords_raw": " ".join(page.keywords) or None if role == "main" else None,
                    "observed_at": observed,
                }
            )
        if page.source:
            rows["sources"].append({"source_id": source_id, "name": page.source, "is_known": False})
            rows["sighting_sources"].append(
                {
                    "page_id": page_id,
                    "article_id": main_id,
                    "role": "main",
                    "position": 1,
                    "source_id": source_id,
                }
            )
        for position, keyword in enumerate(page.keywords, 1):
            rows["article_keywords"].append(
                {
                    "page_id": page_id,
                    "article_id": main_id,
                    "keyword_id": hash_id("keyword", keyword.casefold()),
                    "keyword": keyword,
                    "keyword_key": keyword.casefold(),
                    "position": position,
                    "n_occurrences": 1,
                    "confidence": 1.0,
                }
            )
        for position, title in enumerate(page.links, 1):
            rows["related_links"].append(
                {
                    "page_id": page_id,
                    "article_id": main_id,
                    "position": position,
                    "title": title,
                    "title_key": title,
                }
            )
    for table, found in rows.items():
        if found:
            write_part(staging, table, "1", pl.DataFrame(found, schema=STAGED[table]))
    return pl.DataFrame(
        {
            "dump_id": [dump_id],
            "uri": [dump],
            "format": ["jsonl"],
            "n_bytes": [1],
            "sha256": ["0"],
            "n_records": [len(pages)],
            "n_rejects": [0],
            "run_id": [dump],
            "status": ["published"],
            "error": [None],
        },
        schema_overrides={"error": pl.String()},
    )


@functools.cache
def _empty_lake() -> Path:
    """A lake with its tables and no rows, made once: making it takes a second."""
    folder = Path(tempfile.mkdtemp(prefix="marsad-lake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_lake(folder, read_only=False) as con:
        migrate(con, SQL)
    return folder


def _copy_empty_lake(lake: Where) -> None:
    if lake_exists(lake):
        return
    if isinstance(lake, Place):
        with open_lake(lake, read_only=False) as con:
            migrate(con, SQL)
    else:
        shutil.copytree(_empty_lake(), lake, dirs_exist_ok=True)


def publish_pages(
    lake: Where,
    pages: Sequence[Page],
    dump: str,
    *,
    rejected: Sequence[int] = (),
    day: int = 1,
) -> Published:
    """Publish one dump of these pages, less those that the audit rejects (by number).

    The run is named as its dump is, and `day` says when it ran.
    """
    _copy_empty_lake(lake)
    staging = place_of(lake).folder / "staging" / dump
    dumps = stage(staging, pages, dump)
    now = dt.datetime(2024, 2, day, tzinfo=dt.UTC)
    con = connect()
    attach(con, lake, read_only=False)
    con.execute("use memory.main")
    register(con, staging, dumps)
    rejects = []
    for number in rejected:
        page_id = hash_id(hash_id(dump), str(number))
        con.execute("insert into rejected_pages values ($1, 'test', 'test')", [page_id])
        rejects.append({"reject_id": page_id, "dump_id": hash_id(dump), "record_no": number})
    frame = pl.DataFrame(rejects, schema=REJECTS).with_columns(
        run_id=pl.lit(dump), status=pl.lit("open")
    )
    try:
        run = RunRow(dump, now, now, "published", "nightly", len(pages), len(rejects), "test")
        settled = Settlement(run, frame, pl.DataFrame(schema=VALIDATIONS))
        return publish(con, SQL, lambda: settled, scratch=staging / "scratch")
    finally:
        con.close()


NEWS = (
    "pages",
    "articles",
    "sightings",
    "sighting_sources",
    "sources",
    "keywords",
    "article_keywords",
    "related_links",
    "citations",
)


def rows_of(lake: Where) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every news table, sorted."""
    with open_lake(lake) as con:
        return {
            table: con.execute(f"select * from news.{table} order by all").fetchall()
            for table in NEWS
        }


def one(lake: Where, query: str) -> object:
    """The single value of a query."""
    with open_lake(lake) as con:
        row = con.execute(query).fetchone()
        assert row is not None
        return row[0]


#: Pages whose articles, keywords and links meet in every way.
MIXED = [
    Page("a", 3, "A", 1, "س", ("Tag", "other"), links=("B", "C")),
    Page("b", 2, "B", 1, "ص", ("tag",), read_also=("C", "c"), links=("A",)),
    Page("a", 1, None, 1, "ع", ("TAG", "new"), links=("unknown", "B")),
    Page("c", 4, "C2", 0, None, (), read_also=("A2", "a"), links=("C2", "C", "A")),
    Page("d", 1, "B", 1, "س", ("tag",), links=("B",)),
]

"""A lake and a night in it, made up, small and without fault."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from marsad.ids import hash_bytes, hash_id
from marsad.lake.connect import attach, connect
from marsad.lake.migrate import migrate
from marsad.parse.arabic import fold
from marsad.schema import STAGED
from marsad.settings import PROJECT_DIR

DUMPS = pl.Schema(
    {
        "dump_id": pl.String(),
        "uri": pl.String(),
        "format": pl.String(),
        "n_bytes": pl.Int64(),
        "sha256": pl.String(),
        "n_records": pl.Int64(),
        "n_rejects": pl.Int64(),
        "run_id": pl.String(),
        "status": pl.String(),
        "error": pl.String(),
    }
)

PUBLISHERS = ("Sky", "Nile", "Gulf")
FIRST_DAY = datetime(2024, 3, 1, 6, tzinfo=UTC)


def staged_night(run_id: str, day: datetime, n_pages: int) -> dict[str, pl.DataFrame]:
    """A faultless night: every page has a main article, keywords, links; every second a read-also.

    One record more than there are pages was rejected.
    """
    rows: dict[str, list[dict[str, object]]] = {table: [] for table in STAGED}
    sha256 = hash_id("file", run_id) + hash_id("more", run_id)
    dump_id = sha256[:32]
    for name in PUBLISHERS:
        rows["sources"].append(
            {
                "source_id": hash_id("source", name),
                "name": name,
                "kind": "newspaper",
                "is_known": True,
            }
        )
    for number in range(1, n_pages + 1):
        page_id = hash_id(dump_id, "", str(number))
        seen = day + timedelta(seconds=number)
        publisher = PUBLISHERS[number % len(PUBLISHERS)]
        roles = ("main", "read_also") if number % 2 else ("main",)
        # "text of the news …", "second paragraph"
        bodies = {role: f"نص الخبر {number} من {run_id}\n\nفقرة ثانية {role}" for role in roles}
        articles = {role: hash_bytes(fold(bodies[role]).encode()) for role in roles}
        rows["pages"].append(
            {
                "page_id": page_id,
                "dump_id": dump_id,
                "record_no": number,
                "byte_offset": number * 100,
                "url": f"https://example.org/a/{number}",
                "title": f"عنوان {number}",  # "title"
                "publisher_raw": publisher,
                "published_at": seen - timedelta(hours=3),
                "updated_at": seen - timedelta(hours=2),
                "observed_at": seen,
                "main_article_id": articles["main"],
                "warnings": [],
            }
        )
        for role in roles:
            body = bodies[role]
            lead = body.split("\n\n")[0]
            place = {"page_id": page_id, "article_id": articles[role]}
            rows["articles"].append(
                place
                | {
                    "role": role,
                    "observed_at": seen,
                    "body": body,
                    "lead": lead,
                    "n_paragraphs": 2,
                    "n_words": len(body.split()),
                    "n_chars": len(body),
                    "language": "ar",
                    "parser_version": "1",
                }
            )
            rows["sightings"].append(
                place
                | {
                    "dump_id": dump_id,
                    "role": role,
                    "title_raw": f"عنوان {number}",  # "title"
                    "title_key": f"عنوان {number}",
                    "title_rank": 1 if role == "main" else 2,
                    "source_raw": publisher,
                    "source_id": hash_id("source", publisher),
                    "source_rank": 1,
                    "keywords_raw": "قطر مصر" if role == "main" else None,  # "Qatar Egypt"
                    "published_at": seen - timedelta(hours=3),
                    "observed_at": seen,
                }
            )
            rows["sighting_sources"].append(
                place | {"role": role, "position": 1, "source_id": hash_id("source", publisher)}
            )
        place = {"page_id": page_id, "article_id": articles["main"]}
        rows["keyword_lines"].append(
            place
            | {
                "observed_at": seen,
                "keywords_raw": "قطر مصر",
                "is_delimited": False,
                "words": ["قطر", "مصر"],
                "keys": ["قطر", "مصر"],
                "span_start": [0],
                "span_length": [1],
                "span_count": [1],
            }
        )
        for position, keyword in enumerate(("قطر", "مصر"), start=1):  # "Qatar", "Egypt"
            rows["article_keywords"].append(
                place
                | {
                    "keyword_id": hash_id("keyword", keyword),
                    "keyword": keyword,
                    "keyword_key": keyword,
                    "position": position,
                    "n_occurrences": 1,
                    "confidence": 0.9,
                }
            )
            rows["related_links"].append(
                place
                | {
                    "position": position,
                    "title": f"خبر {position}",  # "news"
                    "title_key": f"خبر {position}",
                }
            )
        rows["citations"].append(
            place
            | {"char_offset": 3, "citation_raw": publisher, "source_id": hash_id("source", "Sky")}
        )
    rows["rejects"].append(
        {
            "reject_id": hash_id(dump_id, "reject"),
            "dump_id": dump_id,
            "record_no": n_pages + 1,
            "byte_offset": 0,
            "rule": "empty_record",
            "detail": "no text",
            "raw": "",
            "raw_encoding": "text",
        }
    )
    frames = {
        table: pl.DataFrame(rows[table], schema=schema, orient="row")
        for table, schema in STAGED.items()
    }
    frames["dumps"] = pl.DataFrame(
        [
            {
                "dump_id": dump_id,
                "uri": f"{run_id}.jsonl",
                "format": "jsonl",
                "n_bytes": 1000,
                "sha256": sha256,
                "n_records": n_pages + 1,
                "n_rejects": 1,
                "run_id": run_id,
                "status": "published",
            }
        ],
        schema=DUMPS,
    )
    return frames


class _Stream:
    """What DuckDB reads a frame through without PyArrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


class Night:
    """A lake, and one night staged over it on an open connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def stage(self, run_id: str, *, day: int = 0, n_pages: int = 6) -> None:
        """Stage a faultless night, in place of what is staged."""
        self.stage_frames(staged_night(run_id, FIRST_DAY + timedelta(days=day), n_pages))

    def stage_frames(self, frames: dict[str, pl.DataFrame]) -> None:
        """Stage these rows as tables that a test may spoil by SQL."""
        for table, frame in frames.items():
            self.con.register("frame", _Stream(frame))
            self.con.execute(f"create or replace temp table staged_{table} as from frame")
            self.con.unregister("frame")

    def publish(self, run_id: str, *, day: int = 0) -> None:
        """Put what is staged into the lake, without any merging."""
        started = FIRST_DAY + timedelta(days=day)
        self.con.execute(
            "insert into lake.ops.runs by name "
            "select $1 as run_id, $2::timestamptz as started_at, 'published' as status",
            [run_id, started],
        )
        self.con.execute("insert into lake.ops.dumps by name from staged_dumps")
        for table in ("pages", "sightings", "related_links", "sources"):
            key = "source_id" if table == "sources" else "page_id"
            shared = self.con.execute(
                f"select column_name from (describe lake.news.{table}) "
                f"inner join (describe staged_{table}) using (column_name)"
            ).fetchall()
            columns = ", ".join(name for (name,) in shared)
            self.con.execute(
                f"insert into lake.news.{table} by name select {columns} from staged_{table} "
                f"where {key} not in (select {key} from lake.news.{table})"
            )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new lake, made once."""
    lake = tmp_path_factory.mktemp("template")
    con = connect(threads=1)
    (lake / "data").mkdir(exist_ok=True)
    attach(con, lake, read_only=False)
    migrate(con, PROJECT_DIR / "sql")
    con.close()
    return lake


@pytest.fixture(scope="module")
def lake_con(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a lake of this module."""
    lake = tmp_path_factory.mktemp("lake")
    (lake / "data").mkdir()
    (lake / "catalog.sqlite").write_bytes((template / "catalog.sqlite").read_bytes())
    con = connect(threads=1)
    attach(con, lake, read_only=False)
    con.execute("use memory.main")
    yield con
    con.close()


@pytest.fixture
def night(lake_con: duckdb.DuckDBPyConnection) -> Iterator[Night]:
    """A faultless night of six pages over a lake that is as it was, whatever a test does."""
    lake_con.execute("begin")
    night = Night(lake_con)
    night.stage("r1")
    yield night
    lake_con.execute("rollback")


@pytest.fixture
def only(tmp_path: Path) -> Callable[..., Path]:
    """A folder with some of the shipped suites, or one rule of each."""

    def folder(*names: str, rule: str | None = None) -> Path:
        target = tmp_path / "expectations"
        target.mkdir()
        for name in names:
            source = PROJECT_DIR / "expectations" / f"{name}.json"
            suite = json.loads(source.read_text(encoding="utf-8"))
            if rule is not None:
                suite["expectations"] = [
                    each for each in suite["expectations"] if each["meta"]["marsad"]["rule"] == rule
                ]
            (target / source.name).write_text(json.dumps(suite), encoding="utf-8")
        return target

    return folder

"""Read from the published file what one report shows: small tables, in a settled order."""

import datetime as dt
from pathlib import Path
from typing import Any, Final

import duckdb

from marsad.errors import ServeError
from marsad.serve.report.text import shown

#: Days that the charts show, and days before them that bursts are reckoned from.
WINDOW_DAYS: Final = 28
BURST_DAYS: Final = 7

Document = dict[str, Any]
Rows = list[tuple[Any, ...]]


def read_document(
    con: duckdb.DuckDBPyConnection, sql: Path, night: dt.date | None = None
) -> Document:
    """Return everything that the page of one night shows, as plain values.

    Args:
        con: a connection to the published file; only temporary tables are made in it.
        sql: the folder that holds report/.
        night: the night; default: the last with pages.

    Raises:
        ServeError: there is no such night.
    """
    span = con.execute(
        "select min(day), max(day), max(day) filter (where not is_gap) from coverage_days"
    ).fetchone()
    first, _, last = span or (None, None, None)
    if last is None:
        if night is not None:
            raise ServeError(f"no pages on {night}: the warehouse holds none yet")
        return {"meta": {"night": None}, "about": _about(con)}
    if night is None:
        night = last
    elif not _has_pages(con, night):
        raise ServeError(f"no pages on {night}: give a night from {first} to {last}")
    since = max(first, night - dt.timedelta(days=WINDOW_DAYS - 1))
    cube_since = max(first, since - dt.timedelta(days=BURST_DAYS))
    n_days = (night - cube_since).days + 1
    _set(con, "night", night)
    _set(con, "since", since)
    _set(con, "cube_since", cube_since)
    con.execute(f"set variable n_days = {n_days}::bigint")
    con.execute(f"set variable is_latest = {night == last}")
    for path in sorted((sql / "report").glob("*.sql")):
        con.execute(path.read_text("utf-8"))
    return _document(con, night, since, cube_since, n_days)


def _document(
    con: duckdb.DuckDBPyConnection,
    night: dt.date,
    since: dt.date,
    cube_since: dt.date,
    n_days: int,
) -> Document:
    publishers = _Publishers(con)
    top = _rows(con, "select source_id from report_publishers order by publisher_no")
    for (source_id,) in top:
        publishers.number(source_id)
    document: Document = {
        "meta": {
            "night": str(night),
            "since": str(since),
            "cube_since": str(cube_since),
            "n_days": n_days,
            "n_top": len(top),
        },
        "keywords": [
            shown(keyword, 80) or "—"
            for (keyword,) in _rows(
                con,
                "select keyword from report_keywords inner join keywords using (keyword_id)"
                " order by keyword_no",
            )
        ],
        "cube": _cube(_rows(con, "select cell, n_articles from report_cube order by cell")),
        "firsts": _rows(con, "from report_firsts"),
        "stories": _stories(con, publishers),
        "citations": [
            (publishers.number(citing), publishers.number(cited), n, _share(share))
            for citing, cited, n, share in _rows(con, "from report_citations")
        ],
        "agencies": [
            (publishers.number(source_id), n, n_agency)
            for source_id, n, n_agency in _rows(
                con,
                "select source_id, n_articles, n_articles_citing_agency from agency_shares"
                " inner join report_publishers using (source_id) order by publisher_no",
            )
        ],
        "coverage": _named(con, "from report_coverage"),
        "runs": [
            row
            | {name: _share(row[name]) for name in row if name.endswith("_share")}
            | {"error": shown(row["error"], 300)}
            for row in _named(con, "from report_runs")
        ],
        "rejects": [
            row | {"rule": shown(row["rule"], 60), "example": shown(row["example"], 200)}
            for row in _named(con, "from report_rejects")
        ],
        "expectations": [
            {
                name: shown(value, 240) if isinstance(value, str) else value
                for name, value in row.items()
            }
            for row in _named(con, "from report_expectations")
        ],
        "about": _about(con),
    }
    document["publishers"] = publishers.names
    return document


class _Publishers:
    """Numbers for the publishers that the page names, in the order in which it needs them."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._known = {
            source_id: (shown(name, 60) or "—", shown(name_en, 60), shown(kind, 30))
            for source_id, name, name_en, kind in _rows(
                con,
                "select source_id, publisher, publisher_en, kind from publishers where source_id in"
                " (select source_id from report_publishers"
                " union all select source_id from report_story_copies"
                " union all select source_id from report_citations"
                " union all select cited_source_id from report_citations)",
            )
        }
        self._numbers: dict[str, int] = {}
        #: Name, English name and kind of each.
        self.names: list[tuple[str, str | None, str | None]] = []

    def number(self, source_id: str) -> int:
        if source_id not in self._numbers:
            self._numbers[source_id] = len(self.names)
            self.names.append(self._known[source_id])
        return self._numbers[source_id]


def _stories(con: duckdb.DuckDBPyConnection, publishers: _Publishers) -> list[Document]:
    stories = [
        row | {"title": shown(row["title"]), "copies": [], "keywords": []}
        for row in _named(
            con,
            "select title, day::varchar as day, n_publishers, n_sightings"
            " from report_stories order by story_no",
        )
    ]
    for story_no, source_id, _, delay, appeared_at, basis in _rows(
        con,
        "select * replace (strftime(appeared_at at time zone 'UTC', '%Y-%m-%d %H:%M')"
        " as appeared_at) from report_story_copies",
    ):
        story = stories[story_no - 1]
        story["basis"] = basis
        story.setdefault("first_at", appeared_at)
        story["copies"].append((publishers.number(source_id), delay))
    for story_no, keyword_no in _rows(con, "from report_story_keywords"):
        stories[story_no - 1]["keywords"].append(keyword_no)
    return stories


def _cube(rows: Rows) -> Document:
    """The counts, each cell as its distance from the one before: most are one digit."""
    cells, before = [], 0
    for cell, _ in rows:
        cells.append(cell - before)
        before = cell
    return {"steps": cells, "counts": [count for _, count in rows]}


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _about(con: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    return {str(name): shown(value) for name, value in _rows(con, "from about")}


def _has_pages(con: duckdb.DuckDBPyConnection, night: dt.date) -> bool:
    day = f"date '{night.isoformat()}'"
    return bool(_rows(con, f"from coverage_days where day = {day} and not is_gap"))


def _set(con: duckdb.DuckDBPyConnection, name: str, value: dt.date) -> None:
    # As text: binding a value makes DuckDB import pandas, which costs a second.
    con.execute(f"set variable {name} = date '{value.isoformat()}'")


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return con.execute(query).fetchall()


def _named(con: duckdb.DuckDBPyConnection, query: str) -> list[Document]:
    done = con.execute(query)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

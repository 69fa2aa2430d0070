"""The published file: what it holds, that it replaces the old one whole, and the way back."""

import csv
import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from lake_nights import MIXED, Page, publish_pages

from marsad.errors import ServeError
from marsad.ids import hash_bytes
from marsad.night.context import new_context
from marsad.night.served import serve, serve_published
from marsad.night.summary import PUBLISHED, RunSummary
from marsad.serve.swap import partial_path, previous_path, published_path, swap_back
from marsad.settings import PROJECT_DIR, Settings, load_settings

CONTRACT = Path(__file__).parent / "columns.csv"


def settings_of(lake: Path, **env: str) -> Settings:
    return load_settings(lake=lake, workers=1, environ=env)


def articles_of(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute("select count(*) from articles").fetchone()
    assert row is not None
    return int(row[0])


def test_a_change_of_the_columns_is_named_in_the_changelog(tmp_path: Path) -> None:
    publish_pages(tmp_path, MIXED, "one")
    serve(settings_of(tmp_path))
    with duckdb.connect(str(published_path(tmp_path)), read_only=True) as con:
        found = con.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where schema_name = 'main' and not internal order by table_name, column_index"
        ).fetchall()
    with CONTRACT.open(encoding="utf-8") as file:
        known = [tuple(row) for row in csv.reader(file)][1:]
    assert set(known) - set(found) == set(), "columns that readers rely on are gone or changed"
    assert set(found) - set(known) == set(), f"new columns: add them to {CONTRACT.name}"
    text = "\n".join(",".join(row) for row in sorted(known)).encode()
    version = hash_bytes(text)[:8]
    changelog = (PROJECT_DIR / "CHANGELOG.md").read_text("utf-8")
    assert f"columns {version}" in changelog, (
        f"the published columns changed: say in CHANGELOG.md what did, with `columns {version}`"
    )


def test_a_lake_without_articles_is_served_too(tmp_path: Path) -> None:
    publish_pages(tmp_path, [], "one")
    serve(settings_of(tmp_path))
    assert articles_of(published_path(tmp_path)) == 0


def test_open_readers_keep_their_file_and_new_ones_see_the_new(tmp_path: Path) -> None:
    publish_pages(tmp_path, MIXED, "one")
    serve(settings_of(tmp_path))
    before = articles_of(published_path(tmp_path))
    with duckdb.connect(str(published_path(tmp_path)), read_only=True) as reader:
        publish_pages(tmp_path, [Page("e", 5, "E")], "two", day=2)
        serve(settings_of(tmp_path))
        assert reader.execute("select count(*) from articles").fetchall() == [(before,)]
        assert reader.execute("select n_pages from nights").fetchall() == [(len(MIXED),)]
    assert articles_of(published_path(tmp_path)) == before + 1
    assert articles_of(previous_path(tmp_path)) == before


#: A program of its own: within one, DuckDB shares what it has open under a path.
CLIENT = """
import json, pathlib, sys
import duckdb
path, stop = sys.argv[1], pathlib.Path(sys.argv[2])
held = duckdb.connect(path, read_only=True)  # as a BI tool holds the file open
first = held.execute("select count(*) from nights").fetchall()
print("ready", flush=True)
queries = 0
while not stop.exists():
    assert held.execute("select count(*) from nights").fetchall() == first
    held.execute("from search_articles('A')").fetchall()
    queries += 1
print(queries)
"""
NEW_CLIENT = """
import sys
import duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print(con.execute("select count(*) from nights").fetchone()[0])
"""


@pytest.mark.parametrize("n_nights", [3, pytest.param(10, marks=pytest.mark.heavy)])
def test_a_client_that_queries_in_a_loop_never_fails_while_nights_are_served(
    tmp_path: Path, n_nights: int
) -> None:
    lake = tmp_path / "lake"
    publish_pages(lake, MIXED, "one")
    serve(settings_of(lake))
    path, stop = str(published_path(lake)), tmp_path / "stop"
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, path, str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "ready\n"
    try:
        for night in range(2, 2 + n_nights):
            publish_pages(lake, [Page(f"night {night}", night, "N")], f"n{night}", day=night)
            serve(settings_of(lake))
            new = subprocess.run(
                [sys.executable, "-c", NEW_CLIENT, path], capture_output=True, text=True, check=True
            )
            assert new.stdout == f"{night}\n"
    finally:
        stop.touch()
        said, _ = client.communicate(timeout=60)
    assert client.returncode == 0
    assert int(said) > 10


def test_the_previous_file_comes_back_and_goes_again(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="no previous"):
        swap_back(tmp_path)
    publish_pages(tmp_path, MIXED, "one")
    serve(settings_of(tmp_path))
    before = articles_of(published_path(tmp_path))
    publish_pages(tmp_path, [Page("e", 5, "E")], "two", day=2)
    serve(settings_of(tmp_path))
    swap_back(tmp_path)
    assert articles_of(published_path(tmp_path)) == before
    swap_back(tmp_path)
    assert articles_of(published_path(tmp_path)) == before + 1
    assert sorted(path.name for path in tmp_path.glob("marsad*")) == [
        "marsad.duckdb",
        "marsad.previous.duckdb",
    ]


@pytest.fixture
def broken_sql(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of sql/ with one file more."""
    import shutil

    def copy(name: str, text: str) -> Path:
        folder = tmp_path / "sql"
        shutil.copytree(PROJECT_DIR / "sql", folder)
        (folder / name).write_text(text, "utf-8")
        return folder

    return copy


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("marts/99_x.sql", "select no_such_column", "no_such_column", id="statement"),
        pytest.param("checks/marts/x.sql", "select 1", "check x finds 1 rows", id="check"),
        pytest.param(
            "marts/99_x.sql",
            "create table x as select 1 as a",
            "check every_column_has_a_comment finds 2 rows",
            id="comment",
        ),
    ],
)
def test_what_cannot_be_built_leaves_the_old_file_and_is_a_warning(
    tmp_path: Path, broken_sql: Callable[[str, str], Path], name: str, text: str, told: str
) -> None:
    import dataclasses

    lake = tmp_path / "lake"
    publish_pages(lake, MIXED, "one")
    serve(settings_of(lake))
    before = published_path(lake).read_bytes()
    settings = dataclasses.replace(settings_of(lake), sql=broken_sql(name, text))
    context = new_context(settings, "nightly")
    summary = serve_published(context, RunSummary(context.run_id, PUBLISHED, snapshot_id=3))
    assert summary.is_good
    assert len(summary.warnings) == 1
    assert told in summary.warnings[0]
    assert published_path(lake).read_bytes() == before
    assert not partial_path(lake).exists()


def test_the_same_lake_gives_the_same_rows(tmp_path: Path) -> None:
    publish_pages(tmp_path, MIXED, "one")

    def rows() -> dict[str, list[tuple[object, ...]]]:
        serve(settings_of(tmp_path))
        with duckdb.connect(str(published_path(tmp_path)), read_only=True) as con:
            tables = con.execute("select schema_name || '.' || table_name from duckdb_tables()")
            return {name: con.execute(f"from {name}").fetchall() for (name,) in tables.fetchall()}

    first = rows()
    assert first == rows()
    assert len(first) > 18


def test_whole_texts_are_in_the_file_where_asked_for(tmp_path: Path) -> None:
    publish_pages(tmp_path, MIXED, "one")
    serve(settings_of(tmp_path, MARSAD_PUBLISH_BODIES="1"))
    with duckdb.connect(str(published_path(tmp_path)), read_only=True) as con:
        found = con.execute("select body from article_texts order by body").fetchall()
    assert found == [("a",), ("b",), ("c",), ("d",)]


def test_times_are_utc(ask: Callable[[list[Page]], Callable[[str], list[tuple[object]]]]) -> None:
    found = ask([Page("a", 3, "A")])("select first_seen_at at time zone 'UTC' from articles")
    assert found == [(dt.datetime(2024, 1, 3),)]  # noqa: DTZ001 - as the query gives it

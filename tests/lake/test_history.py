"""Runs by name, what lies between two of them, and the way back, over a real lake."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from lake_nights import MIXED, Page, one, publish_pages, rows_of

from marsad.errors import ConfigError, LakeError, MarsadError
from marsad.ids import hash_id
from marsad.lake.connect import open_lake
from marsad.lake.diff import Diff, diff_runs
from marsad.lake.query import open_for_people, run_query
from marsad.lake.runs import find_run, read_runs, require_state
from marsad.night.rolled_back import RolledBack, roll_back
from marsad.settings import Settings, load_settings

#: Runs are named as their dumps are; these begin alike.
FIRST, SECOND, THIRD = (hash_id("run")[:8] + hash_id(name)[8:] for name in ("1", "2", "3"))
EVERY_TABLE = (
    *(f"news.{table}" for table in ("sources", "keywords", "citations", "sighting_sources")),
    *("news.pages", "news.articles", "news.sightings", "news.article_keywords"),
    *("news.related_links", "lookup.title_signatures", "lookup.near_titles"),
    *("model.keyword_phrases", "model.keyword_words", "ops.dumps", "ops.rejects"),
)


@pytest.fixture(scope="module")
def three_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of three nights whose articles, keywords and links meet."""
    lake = tmp_path_factory.mktemp("nights") / "lake"
    publish_pages(lake, MIXED[:2], FIRST, day=1, rejected=[2])
    publish_pages(lake, MIXED[2:4], SECOND, day=2)
    publish_pages(lake, MIXED[4:], THIRD, day=3)
    return lake


@pytest.fixture
def lake(three_nights: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    shutil.copytree(three_nights, tmp_path / "lake")
    return tmp_path / "lake"


@pytest.fixture
def con(three_nights: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake of three nights, to be read."""
    with open_lake(three_nights) as con:
        yield con


def settings_of(lake: Path) -> Settings:
    return load_settings(lake=lake, workers=1, environ={})


def go_back(lake: Path, name: str) -> RolledBack:
    return roll_back(settings_of(lake), name, "the dump was of another site")


def state(lake: Path, version: int | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that goes back, sorted, now or as of a snapshot."""
    at = "" if version is None else f" at (version => {version})"
    with open_lake(lake) as con:
        return {
            table: con.execute(f"select * from {table}{at} order by all").fetchall()
            for table in EVERY_TABLE
        }


def test_a_run_is_found_by_its_first_digits_and_as_latest(con: duckdb.DuckDBPyConnection) -> None:
    assert find_run(con, FIRST).run_id == FIRST
    assert find_run(con, SECOND[:12].upper()).run_id == SECOND
    latest = find_run(con, "latest")
    assert (latest.run_id, latest.snapshot_id) == (THIRD, latest.state_id)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param(FIRST[:4], "3 runs begin with", id="several"),
        pytest.param("0000", "no run is called '0000'", id="none"),
        pytest.param("", "is no run: give `latest`", id="nothing"),
        pytest.param("'; drop table x", "is no run: give `latest`", id="sql"),
        pytest.param("%", "is no run: give `latest`", id="pattern"),
    ],
)
def test_a_name_that_means_no_run_is_told(
    con: duckdb.DuckDBPyConnection, name: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        find_run(con, name)


def counts(diff: Diff) -> dict[tuple[str, str], int]:
    found = diff.rows.group_by("kind", "change").len()
    return {(kind, change): n for kind, change, n in found.iter_rows()}


def expected(con: duckdb.DuckDBPyConnection, before: int, after: int) -> dict[tuple[str, str], int]:
    """Compare two whole states key by key, without the change feed."""
    wanted = {
        "articles": ("articles", "article_id", "lead, body, source_id, title, first_seen_at"),
        "keywords": ("article_keywords", "article_id, keyword_id", "position, keyword_raw"),
        "links": ("related_links", "page_id, position", "title, target_article_id, score"),
    }
    found: dict[tuple[str, str], int] = {}
    for kind, (table, keys, values) in wanted.items():
        states = []
        for version in (before, after):
            rows = con.execute(
                f"select ({keys}, 0), ({values}) from news.{table} at (version => {version})"
            ).fetchall()
            states.append({str(key): value for key, value in rows})
        old, new = states
        both = old.keys() & new.keys()
        for change, n in (
            ("new", len(new.keys() - old.keys())),
            ("vanished", len(old.keys() - new.keys())),
            ("changed", sum(old[key] != new[key] for key in both)),
        ):
            if n:
                found[kind, change] = n
    return found


@pytest.mark.parametrize(
    ("one_run", "other"),
    [(FIRST, None), (SECOND, None), (THIRD, None), (FIRST, THIRD), (THIRD, FIRST), (SECOND, FIRST)],
)
def test_a_diff_is_what_comparing_whole_states_gives(
    con: duckdb.DuckDBPyConnection, one_run: str, other: str | None
) -> None:
    found = diff_runs(con, find_run(con, one_run), find_run(con, other) if other else None)
    assert counts(found) == expected(con, found.before, found.after)
    assert counts(found)


def test_a_diff_names_sources_titles_and_the_columns_that_changed(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = diff_runs(con, find_run(con, SECOND), None)
    changed = found.rows.filter(kind="articles", change="changed", title="A")
    # The text of page 1 was seen earlier on page 3, with another source.
    assert changed["source"].to_list() == ["ع"]
    assert set(changed["columns"].item()) >= {"source_id", "first_seen_at"}
    by_source = found.by_source()
    assert by_source.select(pl.exclude("source").sum()).sum_horizontal().item() == found.rows.height


def test_what_came_in_one_direction_vanished_in_the_other(con: duckdb.DuckDBPyConnection) -> None:
    there = diff_runs(con, find_run(con, FIRST), find_run(con, THIRD))
    back = diff_runs(con, find_run(con, THIRD), find_run(con, FIRST))
    other_way = {"new": "vanished", "vanished": "new", "changed": "changed"}
    assert {(kind, other_way[change]): n for (kind, change), n in counts(there).items()} == (
        counts(back)
    )


@pytest.mark.parametrize("name", [SECOND])
def test_a_rollback_gives_every_table_as_it_was_after_the_run(lake: Path, name: str) -> None:
    with open_lake(lake) as con:
        target = require_state(con, find_run(con, name))
    wanted, before = state(lake, target), state(lake)
    assert wanted != before
    done = go_back(lake, name)
    assert state(lake) == wanted
    # Time travel stays possible: what was rolled back can still be read.
    assert state(lake, done.snapshot_id - 1) == before
    assert state(lake, target) == wanted
    assert counts(done.diff)
    query = "select kind, status, reason, target_run_id, snapshot_id from ops.runs"
    with open_lake(lake) as con:
        rows = con.execute(f"{query} where run_id = '{done.run_id}'").fetchall()
        n_runs = con.execute("select count(*) from ops.runs").fetchone()
    assert rows == [
        ("rollback", "published", "the dump was of another site", name, done.snapshot_id)
    ]
    assert n_runs == (4,)
    assert not list((lake / "staging").iterdir())


def test_a_rollback_can_be_rolled_back(lake: Path) -> None:
    before = state(lake)
    there = go_back(lake, FIRST)
    back = go_back(lake, THIRD[:12])
    assert state(lake) == before
    with open_lake(lake) as con:
        runs = read_runs(con, 10)
    undone = dict(runs.select("run_id", "rolled_back_by").iter_rows())
    assert undone == {
        FIRST: None,
        SECOND: None,
        THIRD: None,
        there.run_id: back.run_id,
        back.run_id: None,
    }


def test_runs_that_were_rolled_back_say_so(lake: Path) -> None:
    done = go_back(lake, FIRST)
    publish_pages(lake, [Page("e", 4, "E")], hash_id("4"), day=4)
    with open_lake(lake) as con:
        runs = {row["run_id"]: row for row in read_runs(con, 10).iter_rows(named=True)}
    undone = {run: row["rolled_back_by"] for run, row in runs.items()}
    assert undone == {
        FIRST: None,
        SECOND: done.run_id,
        THIRD: done.run_id,
        done.run_id: None,
        hash_id("4"): None,
    }
    assert all(row["is_kept"] for row in runs.values())


def test_dumps_of_rolled_back_nights_can_be_run_again(lake: Path) -> None:
    before = rows_of(lake)
    go_back(lake, FIRST)
    assert one(lake, "select count(*) from ops.dumps") == 1
    # With the run ids and dumps of before, as a run over the same files would have.
    for pages, name, day in ((MIXED[2:4], SECOND, 4), (MIXED[4:], THIRD, 5)):
        publish_pages(lake, pages, name, day=day)
    assert rows_of(lake) == before


def test_a_record_that_was_given_up_stays_given_up(lake: Path) -> None:
    with open_lake(lake, read_only=False) as con:
        con.execute("update ops.rejects set status = 'waived'")
    go_back(lake, FIRST)
    assert one(lake, "select status from ops.rejects") == "waived"


def test_a_rollback_with_nothing_to_undo_changes_nothing(lake: Path) -> None:
    before = one(lake, "select max(snapshot_id) from ducklake_snapshots('lake')")
    with pytest.raises(ConfigError, match="nothing to roll back"):
        go_back(lake, "latest")
    with pytest.raises(ConfigError, match="needs a reason"):
        roll_back(settings_of(lake), FIRST, " ")
    assert one(lake, "select max(snapshot_id) from ducklake_snapshots('lake')") == before


def test_a_state_with_other_columns_is_refused_whole(lake: Path) -> None:
    with open_lake(lake, read_only=False) as con:
        con.execute("alter table news.articles add column mood varchar")
    before = state(lake)
    with pytest.raises(LakeError, match=r"news\.articles has other columns.*marsad sql --at"):
        go_back(lake, FIRST)
    assert state(lake) == before


def test_an_expired_state_is_told(lake: Path) -> None:
    with open_lake(lake, read_only=False) as con:
        newest = find_run(con, THIRD).snapshot_id
        con.execute(
            f"call ducklake_expire_snapshots('lake', versions => [s for s in range(0, {newest})])"
        )
    for attempt in (
        lambda con: require_state(con, find_run(con, FIRST)),
        lambda con: diff_runs(con, find_run(con, THIRD), None),
    ):
        with open_lake(lake) as con, pytest.raises(MarsadError, match="no longer kept"):
            attempt(con)
    with open_lake(lake) as con:
        assert read_runs(con, 10)["is_kept"].to_list().count(True) == 1


def test_merged_files_can_be_rolled_back_over(lake: Path) -> None:
    with open_lake(lake, read_only=False) as con:
        target = require_state(con, find_run(con, FIRST))
        wanted = state(lake, target)
        con.execute("call ducklake_flush_inlined_data('lake')")
        con.execute("call ducklake_merge_adjacent_files('lake')")
    go_back(lake, FIRST)
    assert state(lake) == wanted


def test_people_can_ask_the_lake_as_it_was_after_a_run(three_nights: Path) -> None:
    settings = settings_of(three_nights)
    with open_lake(three_nights) as con:
        version = require_state(con, find_run(con, FIRST))
    query = "select count(*) as n from news.pages"
    with open_for_people(three_nights, settings.query, version=version) as con:
        assert run_query(con, query, settings.query)["n"].item() == 1
    with open_for_people(three_nights, settings.query) as con:
        assert run_query(con, query, settings.query)["n"].item() == 4

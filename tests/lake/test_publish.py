"""The publishing transaction, on a real DuckLake with staged tables made by hand."""

from pathlib import Path

import duckdb
import pytest
from lake_nights import MIXED, Page, one, publish_pages, rows_of

from marsad.errors import LakeError
from marsad.ids import hash_id
from marsad.lake import publish as publication
from marsad.lake.connect import attach, connect, open_lake


def test_the_same_text_on_two_pages_is_one_article_with_two_sightings(tmp_path: Path) -> None:
    publish_pages(tmp_path, [Page("a", day=2), Page("a", day=1)], "d")
    assert one(tmp_path, "select count(*) from news.articles") == 1
    assert one(tmp_path, "select count(*) from news.sightings") == 2
    first = one(tmp_path, "select first_seen_at::date::varchar from news.articles")
    assert first == "2024-01-01"


@pytest.mark.parametrize(
    ("pages", "title"),
    [
        pytest.param(
            [Page("a", title="header"), Page("b", read_also=("also", "a"))],
            "header",
            id="header_beats_read_also",
        ),
        pytest.param(
            [Page("a", title="header"), Page("a", title="field", title_rank=0, day=9)],
            "field",
            id="structured_field_beats_an_earlier_header",
        ),
        pytest.param(
            [Page("a", title="late", day=5), Page("a", title="early", day=3)],
            "early",
            id="then_the_earliest",
        ),
        pytest.param(
            [Page("a"), Page("b", read_also=("also", "a"))], "also", id="any_title_beats_none"
        ),
    ],
)
def test_an_article_takes_its_best_title(tmp_path: Path, pages: list[Page], title: str) -> None:
    query = f"select title from news.articles where body = 'a' and title = '{title}'"
    publish_pages(tmp_path, pages, "d")
    assert one(tmp_path, query) == title


def test_nights_in_any_order_give_the_same_rows(tmp_path: Path) -> None:
    publish_pages(tmp_path / "at once", MIXED[::-1], "d")
    shown = "select list((title, keywords_raw, first_seen_at) order by article_id)::varchar"
    at_once = one(tmp_path / "at once", f"{shown} from news.articles")
    expected = None
    for order in [(0, 1, 2, 3, 4), (4, 2, 0, 3, 1)]:
        lake = tmp_path / str(order[0])
        for place in order:
            publish_pages(lake, [MIXED[place]], f"dump {place}")
        found = rows_of(lake)
        expected = expected or found
        assert found == expected
        assert one(lake, f"{shown} from news.articles") == at_once


def test_a_night_in_ranges_of_any_size_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_pages(tmp_path / "at once", MIXED, "d")
    monkeypatch.setattr(publication, "_SIGHTING_BYTES", 4_000_000_000)
    publish_pages(tmp_path / "ranges", MIXED, "d")
    assert rows_of(tmp_path / "ranges") == rows_of(tmp_path / "at once")


@pytest.mark.parametrize("size", [1, 3, 100])
def test_ranges_hold_every_id_once(size: int) -> None:
    ranges = publication.id_ranges(100, size)
    assert len(ranges) == -(-100 // size)
    for number in range(1000):
        id_ = hash_id(str(number))
        assert sum(first <= id_ < end for first, end in ranges) == 1


def test_a_link_resolves_when_its_article_arrives_on_a_later_night(tmp_path: Path) -> None:
    publish_pages(tmp_path, [Page("a", title="A", links=("B",))], "first")
    query = "select target_article_id from news.related_links"
    assert one(tmp_path, query) is None
    publish_pages(tmp_path, [Page("b", title="B")], "second")
    assert one(tmp_path, query) == hash_id("body", "b")
    assert one(tmp_path, "select match from news.related_links") == "exact"


def test_a_link_does_not_lead_to_its_own_page(tmp_path: Path) -> None:
    publish_pages(tmp_path, [Page("a", title="A", links=("A",))], "first")
    assert one(tmp_path, "select target_article_id from news.related_links") is None


def test_pages_that_the_audit_rejects_leave_no_row(tmp_path: Path) -> None:
    publish_pages(tmp_path / "clean", MIXED[:2], "d")
    published = publish_pages(tmp_path / "dirty", MIXED, "d", rejected=[3, 4, 5])
    assert published.n_pages == 2
    assert rows_of(tmp_path / "dirty") == rows_of(tmp_path / "clean")
    assert one(tmp_path / "dirty", "select count(*) from ops.rejects") == 3


def test_the_commonest_form_of_a_keyword_is_shown(tmp_path: Path) -> None:
    forms = ["Tag", "tag", "tag", "TAG"]
    for night, form in enumerate(forms):
        publish_pages(tmp_path, [Page(str(night), keywords=(form,))], f"d{night}")
    assert one(tmp_path, "select keyword from news.keywords") == "tag"


def test_the_run_names_the_snapshot_that_its_publication_made(tmp_path: Path) -> None:
    published = publish_pages(tmp_path, MIXED, "d")
    query = f"select count(*) from news.pages at (version => {published.snapshot_id})"
    assert one(tmp_path, query) == len(MIXED)
    before = f"select count(*) from news.pages at (version => {published.snapshot_id - 1})"
    assert one(tmp_path, before) == 0
    assert one(tmp_path, "select snapshot_id from ops.runs") == published.snapshot_id


def test_a_check_that_finds_rows_rolls_everything_back(tmp_path: Path) -> None:
    publish_pages(tmp_path, [MIXED[0]], "d")
    before = rows_of(tmp_path)
    with pytest.raises(LakeError, match="pages_are_unique finds 1 rows"):
        publish_pages(tmp_path, [MIXED[0]], "d")
    assert rows_of(tmp_path) == before
    assert one(tmp_path, "select count(*) from ops.runs") == 1


def test_every_table_and_column_has_a_comment(tmp_path: Path) -> None:
    publish_pages(tmp_path, MIXED, "d")
    with open_lake(tmp_path) as con:
        silent = con.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'lake' and coalesce(comment, '') = ''"
            " union all select table_name, column_name from duckdb_columns()"
            " where database_name = 'lake' and coalesce(comment, '') = ''"
        ).fetchall()
    assert silent == []


def test_a_reader_sees_the_old_rows_until_the_commit(tmp_path: Path) -> None:
    publish_pages(tmp_path, [MIXED[0]], "d")
    con = connect()
    attach(con, tmp_path, read_only=False)
    con.execute("begin")
    con.execute("delete from news.pages")
    assert one(tmp_path, "select count(*) from news.pages") == 1
    con.execute("commit")
    con.close()
    assert one(tmp_path, "select count(*) from news.pages") == 0


def test_a_read_only_lake_refuses_to_be_written(tmp_path: Path) -> None:
    publish_pages(tmp_path, [MIXED[0]], "d")
    with open_lake(tmp_path) as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("delete from news.pages")

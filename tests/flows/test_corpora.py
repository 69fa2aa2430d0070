"""The nightly flow over real data: the seed page against its exact parse, and three real days."""

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from flows.nightly import run_once
from marsad.lake.connect import open_lake
from marsad.settings import PROJECT_DIR, load_settings

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SEED = PROJECT_DIR / "data" / "sample" / "2024-11-18"
GOLDEN = PROJECT_DIR / "tests" / "golden" / "seed.json"


def test_the_seed_page_stands_in_the_lake_as_its_golden_parse_says(tmp_path: Path) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    lake = tmp_path / "lake"
    assert run_once([str(SEED)], None, load_settings(lake=lake, environ={})).status == "published"
    with open_lake(lake) as con:
        for article in golden["articles"]:
            found = con.execute(
                "select sightings.title_raw, sightings.source_raw, articles.body"
                " from news.sightings inner join news.articles using (article_id)"
                f" where role = '{article['role']}'"
            ).fetchall()
            assert [(title, source) for title, source, _ in found] == [
                (article["title"], article["source"])
            ]
            assert found[0][2].split("\n\n") == article["paragraphs"]
        links = con.execute(
            "select title, position, target_article_id from news.related_links order by position"
        ).fetchall()
        read_also = con.execute(
            "select article_id from news.sightings where role = 'read_also'"
        ).fetchall()
        cited = con.execute(
            "select citation_raw from news.citations inner join news.sightings using (article_id)"
            " where role = 'main' order by char_offset"
        ).fetchall()
    assert [title for title, _, _ in links] == golden["related_links"]
    resolved = [(position, target) for _, position, target in links if target is not None]
    assert resolved == [(golden["related_link_that_resolves"]["position"], *read_also[0])]
    assert [name for (name,) in cited] == golden["articles"][0]["cites"]


@pytest.mark.shared
def test_every_record_of_three_real_days_is_accounted_for(tmp_path: Path, shared: Path) -> None:
    lake = tmp_path / "lake"
    archives = sorted((shared / "corpora" / "saudinewsnet").glob("*.zip"))
    records = []
    for archive in archives:
        with zipfile.ZipFile(archive) as members:
            for member in members.namelist():
                records += json.loads(members.read(member))
    settings = load_settings(lake=lake, environ={})
    summary = run_once([str(path) for path in archives], None, settings)
    assert summary.status == "published"
    assert summary.n_records == len(records)
    with open_lake(lake) as con:
        sightings = con.sql(
            "select url, title_raw, source_raw, role from news.sightings"
            " inner join news.pages using (page_id)"
        ).pl()
        counts = con.execute(
            "select (select count(*) from news.articles),"
            " (select count(distinct article_id) from news.sightings),"
            " (select count(*) from ops.rejects), (select count(*) from news.related_links)"
        ).fetchone()
    assert counts is not None
    n_articles, n_sighted, n_rejects, n_links = counts
    assert n_articles == n_sighted == summary.n_articles_new
    # No record of these has page furniture: a second article or a link would be a false label.
    assert sightings["role"].unique().to_list() == ["main"]
    assert n_links == 0
    assert sightings.height + n_rejects == len(records)
    kept = [row for row in records if row["content"].strip()]
    expected = pl.DataFrame(
        {
            "url": [row["url"] for row in kept],
            "title_raw": [row["title"].strip() or None for row in kept],
            "source_raw": [row["source"].strip() for row in kept],
        }
    )
    found = sightings.select(expected.columns)
    assert found.sort(pl.all()).equals(expected.sort(pl.all()))
    again = run_once([str(path) for path in archives], None, settings)
    assert (again.status, again.n_dumps.skipped) == ("nothing_new", len(archives))

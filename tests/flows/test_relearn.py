"""Keyword lines cut again: afterwards the order in which nights came cannot be told."""

from pathlib import Path

import pytest
from whole_nights import run_night

from flows.relearn import run_once as relearn_once
from marsad.lake.connect import open_lake
from marsad.settings import load_settings
from marsad.synth.generate import SynthOptions, generate

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

TABLES = (
    "news.articles",
    "news.keywords",
    "news.article_keywords",
    "news.related_links",
    "news.sources",
    "model.keyword_phrases",
    "model.keyword_words",
    "model.keyword_totals",
)


def rows_of(lake: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that the order of nights might show in, sorted."""
    with open_lake(lake) as con:
        return {
            table: con.execute(f"select * from {table} order by all").fetchall() for table in TABLES
        }


def test_after_a_relearn_the_order_of_nights_does_not_show(tmp_path: Path) -> None:
    made = generate(SynthOptions(pages=150, seed=5, out=tmp_path / "synth", days=3))
    nights = sorted(path for path in made.dumps.iterdir())
    assert len(nights) == 3
    lakes = []
    for order in (nights, nights[::-1]):
        lake = tmp_path / order[0].name
        settings = load_settings(lake=lake, workers=1, environ={})
        for night in order:
            assert run_night(settings, [night], is_audited=False).status == "published"
        summary = relearn_once(settings)
        assert summary.status == "published"
        lakes.append(rows_of(lake))
        again = relearn_once(settings)
        assert again.n_article_keywords == 0
        assert rows_of(lake) == lakes[-1]
        with open_lake(lake) as con:
            kinds = con.execute("select kind from ops.runs order by run_id").fetchall()
        assert [kind for (kind,) in kinds] == ["nightly"] * 3 + ["relearn"] * 2
    for table in TABLES:
        assert lakes[0][table] == lakes[1][table], table

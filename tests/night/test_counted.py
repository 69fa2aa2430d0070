"""A night reads the counts that its lines ask for, and cuts them as with all counts."""

from pathlib import Path

import polars as pl
import pytest
from whole_nights import run_night, settings_of

from marsad.evaluate.night import open_night
from marsad.lake.connect import open_lake
from marsad.night import counted, ingest, learning, segmented
from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.learn import lines_needed
from marsad.settings import Settings
from marsad.synth.generate import SynthOptions, generate

STAGED = ("article_keywords", "keyword_phrases", "keyword_words", "keyword_totals")
TOTALS = """
    with phrases as (
        select sum(65536 * n_delimited + n_expected) as n
        from model.keyword_phrases group by keyword_key
    )
    select
        (select sum(n) from phrases),
        (select sum(n) from phrases where n <= 65536),
        (select sum(n) from model.keyword_words),
        (select count(distinct word_key) from model.keyword_words)
"""


@pytest.fixture
def nights(tmp_path: Path) -> list[Path]:
    """Dumps of four nights whose lines have tags in common."""
    options = SynthOptions(pages=240, seed=12, out=tmp_path / "synth", days=4, truth=False)
    return sorted(generate(options).dumps.iterdir())


def _segmented(settings: Settings, night: Path) -> tuple[list[pl.DataFrame], Counts]:
    """Cut a night's lines without publishing; what it staged, and the counts that it read."""
    with open_night(settings) as context:
        plan = ingest.discover(context, [str(night)], None)
        for number, n_bytes in enumerate(plan.chunk_bytes):
            ingest.parse_chunk(context, number, n_bytes)
        segmented.segment(context)
        staged = [
            pl.read_parquet(context.staging / table / "*.parquet").sort(pl.all())
            for table in STAGED
        ]
        lines = pl.scan_parquet(context.staging / "keyword_lines" / "*.parquet")
        names = sorted(path.stem for path in (context.staging / "keyword_lines").glob("[!e]*"))
        return staged, counted.read_counted(context, names, lines.collect().height)


@pytest.mark.parametrize("for_one", [1, 10**12], ids=["no rare phrase known", "every phrase known"])
def test_a_night_reads_what_its_lines_ask_for_and_finds_the_same(
    nights: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, for_one: int
) -> None:
    monkeypatch.setitem(lines_needed.__globals__, "_PHRASES_A_LINE", for_one)
    settings = settings_of(tmp_path / "lake")
    for night, per_line in zip(nights[:3], (0, 1_000_000, 0), strict=True):
        monkeypatch.setattr(counted, "_PER_LINE", per_line)
        run_night(settings, [night], is_audited=False)
        with open_lake(settings.place) as con:
            totals = con.execute(
                "select sum(n_phrases), sum(n_rare), sum(n_words), sum(n_distinct_words)"
                " from model.keyword_totals"
            ).fetchone()
            assert totals == con.execute(TOTALS).fetchone()
    found = []
    for per_line in (0, 1_000_000):
        monkeypatch.setattr(counted, "_PER_LINE", per_line)
        found.append(_segmented(settings, nights[3]))
    (some, asked), (every, read) = found
    for table, one, other in zip(STAGED, some, every, strict=True):
        assert one.height
        assert one.equals(other), table
    assert asked.phrases.height < read.phrases.height / 2
    assert asked.rest.n_phrases > 0
    assert asked.totals() + asked.rest == read.totals()


@pytest.mark.parametrize("for_one", [1, 10**12], ids=["no rare phrase known", "every phrase known"])
def test_phrases_are_added_up_by_ranges_as_all_at_once(
    nights: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, for_one: int
) -> None:
    monkeypatch.setitem(lines_needed.__globals__, "_PHRASES_A_LINE", for_one)
    settings = settings_of(tmp_path / "lake")
    run_night(settings, [nights[0]], is_audited=False)
    found = []
    for n_rows in (10**9, 500):
        monkeypatch.setattr(learning, "_ROWS_AT_ONCE", n_rows)
        found.append(_segmented(settings, nights[1])[0])
    for table, one, other in zip(STAGED, *found, strict=True):
        assert one.height
        assert one.equals(other), table

"""A night is written while it is judged, and nobody sees it before it has passed."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from lake_nights import rows_of
from whole_nights import run_night, settings_of

from marsad.audit.run import REJECTED, VALIDATIONS
from marsad.errors import LakeError
from marsad.evaluate.night import open_night
from marsad.night import audited, ingest, segmented
from marsad.night.context import RunContext
from marsad.night.publication import open_publication
from marsad.settings import Settings
from marsad.synth.generate import SynthOptions, generate

NONE = REJECTED.to_frame()


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    made = generate(
        SynthOptions(
            pages=40, seed=3, out=tmp_path_factory.mktemp("synth") / "made", days=2, truth=False
        )
    )
    return sorted(made.dumps.iterdir())


@contextmanager
def staged(settings: Settings, night: Path) -> Iterator[tuple[RunContext, pl.DataFrame]]:
    """A night up to its audit, of which the audit has nothing to say."""
    with open_night(settings) as context:
        plan = ingest.discover(context, [str(night)], None)
        for number, n_bytes in enumerate(plan.chunk_bytes):
            ingest.parse_chunk(context, number, n_bytes)
        dumps = audited.run_dumps(context, plan)
        segmented.segment(context)
        NONE.write_parquet(context.staging / "rejected.parquet")
        VALIDATIONS.to_frame().write_parquet(context.staging / "validations.parquet")
        yield context, dumps


def files_of(lake: Path) -> set[Path]:
    """The data files that are there, whether a table has them or not."""
    return set((lake / "data").rglob("*.parquet"))


def wait_for_files(lake: Path, before: set[Path]) -> None:
    until = time.monotonic() + 60
    while files_of(lake) == before:
        assert time.monotonic() < until, "nothing was written"
        time.sleep(0.01)


def test_nobody_sees_what_is_written_and_it_is_gone_where_nothing_is_committed(
    tmp_path: Path, nights: Sequence[Path]
) -> None:
    lake = tmp_path / "lake"
    run_night(settings_of(lake), [nights[0]], is_audited=False)
    rows, files = rows_of(lake), files_of(lake)
    with (
        staged(settings_of(lake), nights[1]) as (context, dumps),
        open_publication(context, dumps) as publication,
    ):
        publication.begin(NONE)
        wait_for_files(lake, files)
        assert rows_of(lake) == rows
    assert rows_of(lake) == rows
    assert files_of(lake) == files


def test_what_fails_while_the_audit_runs_is_told_at_the_commit(
    tmp_path: Path, nights: Sequence[Path]
) -> None:
    lake = tmp_path / "lake"
    settings = settings_of(lake)
    sql = copytree(settings.sql, tmp_path / "sql")
    (sql / "publish" / "35_broken.sql").write_text("select * from no_such_table")
    with (
        staged(replace(settings, sql=sql), nights[0]) as (context, dumps),
        open_publication(context, dumps) as publication,
    ):
        publication.begin(NONE)
        with pytest.raises(LakeError, match=r"nothing was published: .*no_such_table"):
            publication.commit(0)
    assert not any(rows_of(lake).values())


def test_pages_that_are_thrown_out_are_rejects_with_their_records(
    tmp_path: Path, nights: Sequence[Path]
) -> None:
    lake = tmp_path / "lake"
    with staged(settings_of(lake), nights[0]) as (context, dumps):
        pages = pl.read_parquet(context.staging / "pages" / "*.parquet")
        rejected = pages.sort("page_id")[:2].select(
            "page_id", rule=pl.lit("thrown"), detail=pl.lit("out")
        )
        with open_publication(context, dumps) as publication:
            publication.begin(rejected)
            published, by_rule = publication.commit(0)
            row = publication.con.sql("select n_records, n_rejects from lake.ops.dumps").fetchone()
            raws = publication.con.sql("select raw from lake.ops.rejects").fetchall()
    assert published.n_pages == pages.height - 2
    assert ("thrown", 2) in by_rule
    n_rejects = sum(count for _, count in by_rule)
    assert row == (pages.height - 2 + n_rejects, n_rejects)
    assert len(raws) == n_rejects and all(raw for (raw,) in raws)


@pytest.mark.parametrize("is_early", [True, False])
def test_the_rows_are_the_same_whenever_it_begins(
    tmp_path: Path, nights: Sequence[Path], *, is_early: bool
) -> None:
    usual, lake = tmp_path / "usual", tmp_path / "lake"
    run_night(settings_of(usual), [nights[0]], is_audited=False)
    with (
        staged(settings_of(lake), nights[0]) as (context, dumps),
        open_publication(context, dumps) as publication,
    ):
        if is_early:
            publication.begin(NONE)
            wait_for_files(lake, set())
        publication.commit(0)
    assert rows_of(lake) == rows_of(usual)

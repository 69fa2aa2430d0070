"""The night against the nights before it: too little blocks, too much warns."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from marsad.audit.run import AuditResult, audit

USUAL = 120


@pytest.fixture
def judge(night, only: Callable[..., Path]) -> Callable[[], AuditResult]:
    folder = only("volume")
    return lambda: audit(night.con, run_id="tonight", suites=[folder], docs_dir=None)


def publish_nights(night, n_nights: int, *, n_pages: int = USUAL, same_day: bool = False) -> None:
    for number in range(n_nights):
        day = 0 if same_day else number
        night.stage(f"past{number}", day=day, n_pages=n_pages)
        night.publish(f"past{number}", day=number)


def observed(result: AuditResult, rule: str) -> str:
    return result.validations.filter(pl.col("expectation") == rule)["observed"].item()


def test_a_first_night_has_no_baseline_and_says_so(night, judge) -> None:
    night.stage("tonight", day=0, n_pages=3)
    result = judge()
    assert result.blocked == () and result.warnings == ()
    assert observed(result, "volume_low").startswith("no baseline: 0 of 5 nights")
    assert observed(result, "fill_vanished").startswith("no baseline: 0 of 5 nights")
    assert observed(result, "publisher_missing").startswith("no baseline: 0 of 5 nights")


@pytest.mark.parametrize(
    ("n_nights", "n_pages"),
    [pytest.param(4, USUAL, id="few nights"), pytest.param(8, 49, id="small nights")],
)
def test_a_baseline_needs_nights_of_some_size(night, judge, n_nights: int, n_pages: int) -> None:
    publish_nights(night, n_nights, n_pages=n_pages)
    night.stage("tonight", day=20, n_pages=3)
    assert judge().blocked == ()


def test_a_usual_night_passes_and_shows_the_figures(night, judge) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL - 10)
    result = judge()
    assert result.blocked == () and result.warnings == ()
    assert observed(result, "volume_low") == (
        "110 pages on 2024-03-07, usual 120 (median of 6 nights)"
    )


def test_a_tenth_of_the_usual_volume_blocks_with_figure_and_baseline(night, judge) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL // 10)
    (line,) = judge().blocked
    assert "volume_low" in line
    assert "12 pages on 2024-03-07 where 120 are usual (median of 6 nights)" in line


def test_three_times_the_usual_volume_is_a_warning(night, judge) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL * 3)
    result = judge()
    assert result.blocked == ()
    (line,) = result.warnings
    assert "360 pages on 2024-03-07 where 120 are usual" in line


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("keywords", "update staged_sightings set keywords_raw = null where source_raw = 'Nile'"),
        ("source", "update staged_sightings set source_id = null where source_raw = 'Nile'"),
        (
            "links",
            "delete from staged_related_links where page_id in "
            "(select page_id from staged_pages where publisher_raw = 'Nile')",
        ),
        ("dates", "update staged_pages set published_at = null where publisher_raw = 'Nile'"),
    ],
)
def test_a_field_that_vanishes_at_one_publisher_blocks(
    night, judge, field: str, spoil: str
) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL)
    night.con.execute(spoil)
    (line,) = judge().blocked
    assert "fill_vanished" in line
    assert f"Nile: {field} on 0 % of 40 pages where 100 % are usual (6 nights)" in line


def test_a_publisher_that_is_missing_is_a_warning(night, judge) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL)
    night.con.execute("delete from staged_pages where publisher_raw = 'Gulf'")
    result = judge()
    assert result.blocked == ()
    (line,) = result.warnings
    assert "Gulf: no page on 2024-03-07 where 40 are usual (median of 6 nights)" in line


def test_a_publisher_with_little_is_a_warning(night, judge) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL)
    night.con.execute("delete from staged_pages where publisher_raw = 'Gulf' and record_no > 10")
    result = judge()
    assert result.blocked == ()
    (line,) = result.warnings
    assert "publisher_low" in line
    assert "Gulf: 3 pages on 2024-03-07 where 40 are usual (median of 6 nights)" in line


def test_a_publisher_with_far_too_much_is_a_warning(night, judge) -> None:
    publish_nights(night, 6, n_pages=60)
    night.stage("tonight", day=6, n_pages=120)
    night.con.execute("update staged_pages set publisher_raw = 'Gulf' where record_no > 30")
    result = judge()
    assert [line for line in result.warnings if "publisher_high" in line] == [
        line for line in result.warnings if "Gulf: 100 pages on 2024-03-07 where 20" in line
    ]
    assert any("publisher_high" in line for line in result.warnings)


def test_more_of_a_night_that_is_published_is_no_small_night(night, judge) -> None:
    publish_nights(night, 7)
    night.stage("rest", day=6, n_pages=3)
    assert judge().blocked == ()


def test_a_night_long_past_has_no_baseline(night, judge) -> None:
    publish_nights(night, 7)
    night.stage("old", day=-400, n_pages=3)
    assert judge().blocked == ()


def test_where_days_tell_no_nights_apart_runs_are_nights(night, judge) -> None:
    publish_nights(night, 6, same_day=True)
    night.stage("tonight", day=0, n_pages=12)
    (line,) = judge().blocked
    assert "12 pages on 2024-03-01 where 120 are usual" in line


def test_one_page_is_no_night_where_days_tell_no_nights_apart(night, judge) -> None:
    publish_nights(night, 6, same_day=True)
    night.stage("tonight", day=0, n_pages=1)
    assert judge().blocked == ()


def test_pages_thrown_out_by_row_rules_do_not_count(night, only: Callable[..., Path]) -> None:
    publish_nights(night, 6)
    night.stage("tonight", day=6, n_pages=USUAL)
    night.con.execute("update staged_pages set title = repeat('x', 1000) where record_no > 12")
    result = audit(night.con, run_id="tonight", suites=[only("pages", "volume")], docs_dir=None)
    assert result.rejected["page_id"].n_unique() == 108
    assert any("12 pages on 2024-03-07" in line for line in result.blocked)

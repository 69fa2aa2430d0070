"""A range of days: which inputs each has, and when a backfill stops."""

import datetime as dt
from pathlib import Path

import pytest

from marsad.errors import ConfigError
from marsad.night.backfilled import Backfill, ended, inputs_of, plan_days, stops_at
from marsad.night.summary import DumpCounts, RunSummary

FIRST = dt.date(2024, 2, 28)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("dumps/{date}/", "dumps/2024-02-28/"),
        ("dumps/%Y/%m/%d/*.zip", "dumps/2024/02/28/*.zip"),
        ("100%% {date} %j.jsonl", "100% 2024-02-28 059.jsonl"),
    ],
)
def test_a_pattern_has_the_date_in_it(pattern: str, expected: str) -> None:
    assert inputs_of(pattern, FIRST) == expected


def test_days_without_inputs_are_missing(tmp_path: Path) -> None:
    for day in ("2024-02-28", "2024-03-01"):
        (tmp_path / day).mkdir()
    days = plan_days([f"{tmp_path}/{{date}}"], FIRST, dt.date(2024, 3, 1))
    assert [(str(day.day), day.status) for day in days] == [
        ("2024-02-28", "not reached"),
        ("2024-02-29", "missing"),
        ("2024-03-01", "not reached"),
    ]
    published = RunSummary("1" * 32, "published", n_dumps=DumpCounts(new=1), n_records=7)
    blocked = RunSummary("2" * 32, "blocked", error="too little")
    good = Backfill((ended(days[0], published), days[1], ended(days[2], published)))
    assert good.is_good
    assert good.table().rows()[-1] == ("all", None, None, 2, 0, 14, 0, 0)
    assert good.table().rows()[1][:3] == ("2024-02-29", "missing", None)
    assert not Backfill((ended(days[0], published), days[1], ended(days[2], blocked))).is_good
    assert not Backfill(days).is_good


def test_only_what_every_day_would_meet_stops_a_backfill() -> None:
    unreadable = RunSummary("1" * 32, "failed", causes=("unreadable_dumps",))
    assert not stops_at(unreadable)
    assert not stops_at(RunSummary("1" * 32, "blocked", causes=("volume_low",)))
    assert stops_at(RunSummary("1" * 32, "failed", causes=("LakeError",)))


@pytest.mark.parametrize(
    ("patterns", "last", "told"),
    [
        ([], FIRST, "no input"),
        (["dumps/"], FIRST, "the same on every day"),
        (["dumps/%H"], FIRST, "the same on every day"),
        (["no-such-folder/{date}"], FIRST, "no day has an input"),
        (["{date}"], dt.date(2024, 2, 27), "is before the first"),
        (["{date}"], dt.date(2124, 2, 27), "more than 20,000 days"),
    ],
)
def test_a_range_that_is_none_is_told(patterns: list[str], last: dt.date, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        plan_days(patterns, FIRST, last)

"""A range of days, a run for each: which inputs each has, and what became of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from marsad.errors import ConfigError
from marsad.night.ingest import is_input
from marsad.night.summary import FAILED, RunSummary

MISSING, NOT_REACHED = "missing", "not reached"

#: The longest range: more is a slip of the pen.
_MAX_DAYS: Final = 20_000
#: What a dump's own fault is called; any other cause of a failure would meet every day.
_OWN_FAULT: Final = ("unreadable_dumps",)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a backfill.

    Attributes:
        day: the date.
        inputs: what was looked for.
        status: of its run; `missing` where there are no inputs, `not reached` after an error.
        summary: of its run, where there was one.
    """

    day: dt.date
    inputs: tuple[str, ...]
    status: str
    summary: RunSummary | None = None


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill did, day by day."""

    days: tuple[Day, ...]

    @property
    def is_good(self) -> bool:
        """Whether every day that has inputs is in the lake."""
        bad = any(day.summary is not None and not day.summary.is_good for day in self.days)
        return not bad and not any(day.status == NOT_REACHED for day in self.days)

    def table(self) -> pl.DataFrame:
        """Return a row a day, with a sum of what was published at the end."""
        rows = []
        for day in self.days:
            run = day.summary
            rows.append(
                (
                    str(day.day),
                    day.status,
                    run.run_id[:12] if run else None,
                    run.n_dumps.new if run else None,
                    run.n_dumps.skipped if run else None,
                    run.n_records if run else None,
                    run.n_rejects if run else None,
                    run.n_articles_new if run else None,
                )
            )
        columns = {"day": pl.String, "status": pl.String, "run": pl.String}
        counts = ("dumps new", "known", "records", "rejects", "new articles")
        table = pl.DataFrame(
            rows, schema={**columns, **dict.fromkeys(counts, pl.Int64)}, orient="row"
        )
        total = table.select(
            pl.lit("all").alias("day"),
            pl.lit(None, pl.String).alias("status"),
            pl.lit(None, pl.String).alias("run"),
            pl.col(counts).sum(),
        )
        return pl.concat([table, total])

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "is_good": self.is_good,
            "days": [
                {
                    "day": str(day.day),
                    "inputs": list(day.inputs),
                    "status": day.status,
                    "run": None if day.summary is None else day.summary.as_json(),
                }
                for day in self.days
            ],
        }


def plan_days(patterns: Sequence[str], first: dt.date, last: dt.date) -> tuple[Day, ...]:
    """Return the days of a range, each with its inputs, `missing` where there are none.

    Args:
        patterns: paths, globs and folders that hold the date: as `{date}` (2024-11-18), or in the
            fields of strftime (`%Y/%m/%d`).
        first: the first day.
        last: the last day.

    Raises:
        ConfigError: the range or a pattern is none, or no day has an input.
    """
    if not patterns:
        raise ConfigError("no input: give a pattern with the date in it, as 'dumps/{date}/'")
    if last < first:
        raise ConfigError(f"the last day, {last}, is before the first, {first}")
    if (last - first).days >= _MAX_DAYS:
        raise ConfigError(f"from {first} to {last} are more than {_MAX_DAYS:,} days")
    for pattern in patterns:
        if inputs_of(pattern, first) == inputs_of(pattern, first + dt.timedelta(days=1)):
            raise ConfigError(
                f"{pattern!r} is the same on every day: write {{date}} where the date stands,"
                " or fields such as %Y-%m-%d"
            )
    days = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        inputs = tuple(inputs_of(pattern, day) for pattern in patterns)
        found = tuple(name for name in inputs if is_input(name))
        status = NOT_REACHED if found else MISSING
        days.append(Day(day, found or inputs, status))
    if all(day.status == MISSING for day in days):
        raise ConfigError(f"no day has an input; looked for {', '.join(days[0].inputs)}, …")
    return tuple(days)


def inputs_of(pattern: str, day: dt.date) -> str:
    """Return a pattern with a date in it."""
    return day.strftime(pattern.replace("{date}", "%Y-%m-%d"))


def ended(day: Day, summary: RunSummary) -> Day:
    """Return a day with its run."""
    return replace(day, status=summary.status, summary=summary)


def stops_at(summary: RunSummary) -> bool:
    """Whether the days to come would fail as this one did: the disk is full, the lake is broken.

    A day that the audit blocks, or whose dumps cannot be read, keeps no other from its turn.
    """
    return summary.status == FAILED and summary.causes != _OWN_FAULT

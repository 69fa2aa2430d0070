"""Days that are to be parsed again: the lake goes back to before the first of them."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from marsad.dumps.plan import discover
from marsad.errors import ConfigError
from marsad.lake.connect import CATALOG, lake_exists, open_lake
from marsad.night.backfilled import MISSING, Day
from marsad.night.ingest import reference
from marsad.night.progress import report_waiting
from marsad.night.rolled_back import RolledBack, roll_back
from marsad.settings import Settings

#: Dumps that an error names.
_NAMED: Final = 3


def roll_back_before(
    settings: Settings, days: Sequence[Day], *, wait: bool = False
) -> RolledBack | None:
    """Roll back to the run before the first that published a dump of these days.

    An article is one row, whichever nights saw it, and has the best value of each field. So a day
    in the middle cannot be taken out alone: every dump published since has to be among the days.

    Args:
        settings: whose lake it is.
        days: of the backfill that comes after.
        wait: wait for another run to end.

    Returns:
        What the rollback did; None where none of these dumps was published.

    Raises:
        ConfigError: runs since then published dumps of other days, or there is no run before;
            nothing was changed.
        LakeError: that state cannot be had again; nothing was changed.
        LakeLockedError: another run is writing.
    """
    if not lake_exists(settings.place):
        return None
    asked = _dump_ids(settings, days)
    with open_lake(settings.place) as con:
        target = _run_before(con, asked)
    if target is None:
        return None
    reason = f"to parse {days[0].day} to {days[-1].day} again"
    return roll_back(settings, target, reason, wait=wait, on_wait=report_waiting)


def _dump_ids(settings: Settings, days: Sequence[Day]) -> set[str]:
    """Return what the dumps of these days are called, which reads each of their files once."""
    inputs = [name for day in days if day.status != MISSING for name in day.inputs]
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        plan = discover(
            inputs,
            limits=settings.limits,
            fields=reference(settings)[1],
            observed=None,
            known=lambda _: set(),
            plan_path=Path(folder) / "plan.parquet",
        )
    return set(plan.dumps["dump_id"])


def _run_before(con: duckdb.DuckDBPyConnection, asked: set[str]) -> str | None:
    """Return the run after which none of these dumps was there, None where none is now."""
    published = con.execute(
        "select dumps.dump_id, dumps.uri, dumps.run_id, runs.snapshot_id"
        f" from {CATALOG}.ops.dumps as dumps"
        f" inner join {CATALOG}.ops.runs as runs on dumps.run_id = runs.run_id"
        " where dumps.status = 'published' order by runs.snapshot_id, dumps.uri"
    ).fetchall()
    first = min((snapshot for dump, _, _, snapshot in published if dump in asked), default=None)
    if first is None:
        return None
    others = [
        (uri, run[:12])
        for dump, uri, run, snapshot in published
        if snapshot >= first and dump not in asked
    ]
    if others:
        named = ", ".join(f"{uri} (run {run})" for uri, run in others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        raise ConfigError(
            f"since the first of these days, {len(others)} dumps of others were published:"
            f" {named}{more}; give their days too, for all since has to be parsed again"
        )
    row = con.execute(
        f"select run_id from {CATALOG}.ops.runs where snapshot_id < {int(first)}"
        " order by snapshot_id desc limit 1"
    ).fetchone()
    if row is None:
        raise ConfigError(
            "these days are all that the lake holds: run the backfill into a new one (--lake),"
            " without --reparse"
        )
    return str(row[0])

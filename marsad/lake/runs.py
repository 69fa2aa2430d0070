"""Runs of the lake: found by what a person calls them, and the state of the lake after each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import polars as pl

from marsad.errors import ConfigError, LakeError
from marsad.lake.connect import CATALOG
from marsad.lake.escape import literal

#: What a person may call the newest run that published.
LATEST: Final = "latest"

#: Digits of a run's id that people are shown; they tell runs apart by the millisecond.
SHOWN_DIGITS: Final = 12

_PREFIX = re.compile(r"[0-9a-f]{1,32}")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `ops.runs`.

    Attributes:
        snapshot_id: the snapshot that it made; null where it published nothing.
        state_id: the newest snapshot that a run had published once this one was over; null where
            there was none yet. The lake after this run is the lake of that snapshot.
    """

    run_id: str
    kind: str
    status: str
    snapshot_id: int | None
    state_id: int | None

    @property
    def name(self) -> str:
        """The id as people are shown it."""
        return self.run_id[:SHOWN_DIGITS]


def find_run(con: duckdb.DuckDBPyConnection, name: str) -> Run:
    """Return the run that a person means.

    Args:
        con: a connection with the lake attached.
        name: a run's id, the beginning of one that no other has, or `latest`: the newest run
            that published.

    Raises:
        ConfigError: no run is meant, or several are.
    """
    asked = name.strip().lower()
    if asked == LATEST:
        condition = "snapshot_id is not null order by snapshot_id desc limit 1"
    elif _PREFIX.fullmatch(asked):
        condition = f"starts_with(run_id, {literal(asked)}) order by run_id"
    else:
        raise ConfigError(
            f"{name!r} is no run: give `{LATEST}`, or the first digits of an id of `marsad runs`"
        )
    # As text: binding a value makes DuckDB import pandas, which costs a second.
    found = con.execute(
        "select run_id, kind, status, snapshot_id, coalesce(snapshot_id,"
        # Runs wait for each other, so that they need not end in the order of their starts.
        f" (select max(older.snapshot_id) from {CATALOG}.ops.runs as older"
        " where older.finished_at <= runs.finished_at)) as state_id"
        f" from {CATALOG}.ops.runs as runs where {condition}"
    ).fetchall()
    if not found:
        raise ConfigError(f"no run is called {name!r}: `marsad runs` lists them")
    if len(found) > 1:
        named = ", ".join(row[0][:SHOWN_DIGITS] for row in found[:3])
        raise ConfigError(
            f"{len(found)} runs begin with {name!r} ({named}{' …' if len(found) > 3 else ''}):"
            " give more digits"
        )
    return Run(*found[0])


def require_state(con: duckdb.DuckDBPyConnection, run: Run) -> int:
    """Return the snapshot of the lake after a run, which must still be there.

    Raises:
        LakeError: nothing was published by then, or the snapshot is no longer kept.
    """
    if run.state_id is None:
        raise LakeError(f"nothing had been published when run {run.name} ended")
    require_snapshots(con, run, [run.state_id])
    return run.state_id


def require_snapshots(con: duckdb.DuckDBPyConnection, run: Run, wanted: Sequence[int]) -> None:
    """Check that snapshots are still kept.

    Raises:
        LakeError: one is not; the text says which is the oldest that is.
    """
    found = con.execute(f"select snapshot_id from ducklake_snapshots('{CATALOG}')").fetchall()
    kept = {row[0] for row in found}
    gone = sorted(set(wanted) - kept)
    if gone:
        raise LakeError(
            f"snapshot {gone[0]}, which run {run.name} needs, is no longer kept;"
            f" the oldest that is kept is {min(kept)}: see `marsad runs`"
        )


def publisher_of(con: duckdb.DuckDBPyConnection, snapshot_id: int) -> str:
    """Return the id of the run that made a snapshot.

    Raises:
        LakeError: no run did.
    """
    row = con.execute(
        f"select run_id from {CATALOG}.ops.runs where snapshot_id = {int(snapshot_id)}"
    ).fetchone()
    if row is None:
        raise LakeError(f"no run made snapshot {snapshot_id}")
    return str(row[0])


def read_runs(con: duckdb.DuckDBPyConnection, newest: int) -> pl.DataFrame:
    """Return the newest runs, newest first.

    Columns: run_id, started_at, finished_at, kind, status, snapshot_id, n_records,
    n_articles_new, n_rejects, n_warnings, error, reason, target_run_id, as in `ops.runs`; and
    `is_kept` (whether the snapshot can still be read), `rolled_back_by` (the rollback that undid
    what the run published; null while that stands).
    """
    there = {row[0] for row in con.execute(f"describe {CATALOG}.ops.runs").fetchall()}
    # A lake that was not written to since it was made by an older Marsad has no reasons yet.
    wanted = ("reason", "target_run_id")
    more = [name if name in there else f"null::varchar as {name}" for name in wanted]
    runs = con.sql(
        "select run_id, started_at, finished_at, kind, status, snapshot_id,"
        f" snapshot_id in (select snapshot_id from ducklake_snapshots('{CATALOG}')) as is_kept,"
        f" n_records, n_articles_new, n_rejects, n_warnings, error, {', '.join(more)}"
        f" from {CATALOG}.ops.runs order by snapshot_id, run_id"
    ).pl()
    undone = _undone(runs)
    return (
        runs.with_columns(
            rolled_back_by=pl.col("run_id").replace_strict(
                undone, default=None, return_dtype=pl.String
            )
        )
        .sort("run_id", descending=True)
        .head(newest)
    )


def _undone(runs: pl.DataFrame) -> dict[str, str]:
    """Return by run the rollback that undid it, for those whose rows are not in the lake now.

    Args:
        runs: all runs, in the order of their snapshots.
    """
    runs = runs.filter(pl.col("snapshot_id").is_not_null())
    targets = set(runs["target_run_id"].drop_nulls())
    after: dict[str, frozenset[str]] = {}  # by target, the runs whose rows were in the lake then
    standing: set[str] = set()
    undone: dict[str, str] = {}
    for run_id, target in runs.select("run_id", "target_run_id").iter_rows():
        if target is not None:
            again = set(after.get(target, frozenset()))
            undone.update(dict.fromkeys(standing - again, run_id))
            for run in again:
                undone.pop(run, None)
            standing = again
        standing.add(run_id)
        if run_id in targets:
            after[run_id] = frozenset(standing)
    return undone

"""Rejects of the lake: found by what a person calls them, and given up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import polars as pl

from marsad.errors import ConfigError
from marsad.lake.connect import CATALOG
from marsad.lake.escape import literal
from marsad.lake.runs import find_run

#: Digits of a reject's id that people are shown.
SHOWN_DIGITS: Final = 12

OPEN, REPLAYED, WAIVED = "open", "replayed", "waived"
STATUSES: Final = (OPEN, REPLAYED, WAIVED)

_PREFIX = re.compile(r"[0-9a-f]{1,32}")
#: Columns that came with replays: a lake that was not written to since has none of them.
_LATER: Final = {
    "observed_default": "timestamptz",
    "raw_form": "varchar",
    "replay_run_id": "varchar",
    "reason": "varchar",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rejects are meant; what is null or empty leaves all.

    Attributes:
        names: beginnings of their ids, each of one reject.
        rule: the rule that rejected them.
        dump: the beginning of a dump's id, or a part of its name.
        run: the run that rejected them, as `find_run` takes it.
        status: `open`, `replayed` or `waived`.
    """

    names: tuple[str, ...] = ()
    rule: str | None = None
    dump: str | None = None
    run: str | None = None
    status: str | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether it leaves all rejects of its status."""
        return not (self.names or self.rule or self.dump or self.run)


def read_rejects(con: duckdb.DuckDBPyConnection, selection: Selection) -> pl.DataFrame:
    """Return rejects as rows of `ops.rejects` with the `uri` of their dump, by place.

    Args:
        con: a connection with the lake attached.
        selection: which.

    Raises:
        ConfigError: the selection names a run or reject that is not there, or several.
    """
    there = {row[0] for row in con.execute(f"describe {CATALOG}.ops.rejects").fetchall()}
    later = [f"null::{kind} as {name}" for name, kind in _LATER.items() if name not in there]
    conditions = ["true"]
    if selection.names:
        ids = [_find(con, name) for name in selection.names]
        conditions.append(f"rejects.reject_id in ({', '.join(map(literal, ids))})")
    if selection.rule is not None:
        conditions.append(f"rejects.rule = {literal(selection.rule)}")
    if selection.dump is not None:
        part = literal(selection.dump)
        conditions.append(f"(starts_with(rejects.dump_id, {part}) or contains(dumps.uri, {part}))")
    if selection.run is not None:
        conditions.append(f"rejects.run_id = {literal(find_run(con, selection.run).run_id)}")
    if selection.status is not None:
        conditions.append(f"rejects.status = {literal(selection.status)}")
    # As text: binding a value makes DuckDB import pandas, which costs a second.
    return con.sql(
        f"select rejects.*, {''.join(f'{column}, ' for column in later)} dumps.uri"
        f" from {CATALOG}.ops.rejects as rejects"
        f" left join {CATALOG}.ops.dumps as dumps on rejects.dump_id = dumps.dump_id"
        f" where {' and '.join(conditions)}"
        " order by dumps.uri, rejects.member nulls first, rejects.record_no, rejects.rule"
    ).pl()


def _find(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the id of the reject that a person means.

    Raises:
        ConfigError: none is meant, or several are.
    """
    asked = name.strip().lower()
    if not _PREFIX.fullmatch(asked):
        raise ConfigError(f"{name!r} is no reject: give the first digits of its id")
    found = con.execute(
        f"select reject_id from {CATALOG}.ops.rejects"
        f" where starts_with(reject_id, {literal(asked)}) order by reject_id limit 2"
    ).fetchall()
    if not found:
        raise ConfigError(f"no reject is called {name!r}: `marsad rejects list` names them")
    if len(found) > 1:
        raise ConfigError(f"several rejects begin with {name!r}: give more digits")
    return str(found[0][0])


def waive(con: duckdb.DuckDBPyConnection, reject_ids: Sequence[str], reason: str) -> None:
    """Give up open rejects, with the reason, in one transaction.

    Args:
        con: a connection with the lake attached for writing; the caller holds the writer lock.
        reject_ids: which; those that are not open are left alone.
        reason: why, in a person's words.
    """
    con.register("waived_now", pl.DataFrame({"reject_id": list(reject_ids)}))
    con.execute("begin")
    try:
        con.execute(
            f"update {CATALOG}.ops.rejects set status = '{WAIVED}', reason = $1"
            f" where status = '{OPEN}' and reject_id in (select reject_id from waived_now)",
            [reason],
        )
        con.execute(f"call {CATALOG}.set_commit_message('marsad', 'waive rejects')")
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise

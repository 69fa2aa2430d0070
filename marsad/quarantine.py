"""Rejects as people and scripts read them."""

import base64
from pathlib import PurePosixPath

import polars as pl
from rich.text import Text

from marsad.lake.rejects import SHOWN_DIGITS
from marsad.terminal import plain, print_table, terminal

#: What a list leaves out of `ops.rejects`: the records themselves.
_LONG = ("raw", "raw_encoding", "raw_form")


def listed(rejects: pl.DataFrame) -> pl.DataFrame:
    """Return rejects for scripts: every column but the records themselves."""
    return rejects.drop(_LONG)


def print_rejects(rejects: pl.DataFrame, limit: int) -> None:
    """Print rejects, rows of `marsad.lake.rejects.read_rejects`: a line each, and sums by rule.

    Args:
        rejects: all that were asked for.
        limit: how many of them to list.
    """
    console = terminal()
    if not rejects.height:
        console.print(Text("no reject"))
        return
    table = rejects.head(limit).select(
        pl.col("reject_id").str.head(SHOWN_DIGITS).alias("reject"),
        "status",
        "rule",
        pl.col("uri").fill_null("?").map_elements(_name, return_dtype=pl.String).alias("dump"),
        pl.col("member").fill_null(""),
        pl.col("record_no").alias("record"),
        "detail",
    )
    members = table["member"].unique().to_list()
    print_table(console, table.drop("member") if members == [""] else table, more_by="--json")
    counts = rejects.group_by("status", "rule").len().sort("status", "rule")
    sums = ", ".join(f"{n:,} {status} by {rule}" for status, rule, n in counts.iter_rows())
    more = rejects.height - table.height
    left_out = f" ({more:,} not listed: add --limit)" if more > 0 else ""
    console.print(Text(plain(f"{rejects.height:,} in all{left_out}: {sums}")), soft_wrap=True)


def _name(uri: str) -> str:
    return PurePosixPath(uri).name or uri


def print_reject(reject: dict[str, object]) -> None:
    """Print one reject: where it stood, why, and all of it that was kept."""
    console = terminal()

    def line(what: str, found: object) -> None:
        if found is not None:
            console.print(Text(plain(f"{what:<10} {found}")), soft_wrap=True)

    place = str(reject["uri"])
    if reject["member"] is not None:
        place += f"!{reject['member']}"
    line("reject", reject["reject_id"])
    line("status", reject["status"])
    line("reason", reject["reason"])
    line("rule", reject["rule"])
    line("detail", reject["detail"])
    line("dump", place)
    line("record", reject["record_no"])
    line("byte", reject["byte_offset"])
    line("run", reject["run_id"])
    line("replayed", reject["replay_run_id"])
    raw = reject["raw"]
    if raw is None:
        line("raw", "nothing was kept")
        return
    data = base64.b64decode(str(raw)) if reject["raw_encoding"] == "base64" else str(raw).encode()
    whole = "all of it" if reject["raw_form"] is not None else "what was kept of it"
    is_text = reject["raw_encoding"] == "text"
    line("raw", f"{len(data):,} bytes, {whole}" + ("" if is_text else "; no text, so in base64"))
    for row in str(raw).splitlines():
        console.print(Text(plain(row)), soft_wrap=True)


def reject_as_json(reject: dict[str, object]) -> dict[str, object]:
    """Return one reject as plain values, the record with it."""
    seen = reject["observed_default"]
    return {**reject, "observed_default": None if seen is None else str(seen)}

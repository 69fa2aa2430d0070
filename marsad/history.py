"""The lake's history as people and scripts read it: runs, what lies between them, rollbacks."""

import polars as pl
from rich.text import Text

from marsad.lake.diff import CHANGES, KINDS, Diff
from marsad.lake.runs import SHOWN_DIGITS
from marsad.night.rolled_back import RolledBack
from marsad.terminal import command, plain, print_table, terminal


def print_runs(runs: pl.DataFrame) -> None:
    """Print runs, rows of `marsad.lake.runs.read_runs`, and below them what there is to say."""
    console = terminal()
    is_gone = pl.col("snapshot_id").is_not_null() & ~pl.col("is_kept")
    table = runs.select(
        pl.col("run_id").str.head(SHOWN_DIGITS).alias("run"),
        pl.col("started_at").dt.strftime("%Y-%m-%d %H:%M").alias("started (UTC)"),
        "kind",
        pl.when(pl.col("rolled_back_by").is_not_null())
        .then(pl.lit("rolled back"))
        .otherwise("status")
        .alias("status"),
        pl.col("n_records").alias("records"),
        pl.col("n_articles_new").alias("new articles"),
        pl.col("n_rejects").alias("rejects"),
        pl.col("n_warnings").alias("warnings"),
        pl.when(is_gone)
        .then(pl.format("{} (expired)", "snapshot_id"))
        .otherwise(pl.col("snapshot_id").cast(pl.String))
        .fill_null("")
        .alias("snapshot"),
    )
    print_table(console, table, more_by="--json")
    for run, error, reason, target, undone in runs.select(
        "run_id", "error", "reason", "target_run_id", "rolled_back_by"
    ).iter_rows():
        for text, style in (
            (error, "red"),
            (target and f"back to {target[:SHOWN_DIGITS]}: {reason}", "yellow"),
            (undone and f"undone by rollback {undone[:SHOWN_DIGITS]}", "dim"),
        ):
            if text:
                line = Text(plain(f"{run[:SHOWN_DIGITS]}  {text}"), style=style)
                console.print(line, soft_wrap=True)


def print_diff(diff: Diff, what: str) -> None:
    """Print what lies between two states, by source.

    Args:
        diff: the difference.
        what: of which run or runs it is.
    """
    console = terminal()
    title = f"{what}: snapshot {diff.before} to {diff.after}"
    if not diff.rows.height:
        console.print(Text(f"{title}: no article, keyword or link changed"))
        return
    counts = diff.by_source().with_columns(pl.col("source").fill_null("(no source)"))
    total = counts.select(pl.lit("all").alias("source"), pl.exclude("source").sum())
    counts = pl.concat([total, counts.cast(total.schema)])
    empty = [name for name in counts.columns[1:] if not total[name].item()]
    print_table(console, counts.drop(empty), title=title, more_by="--json")
    for kind in KINDS:
        columns = diff.changed_columns().filter(kind=kind)
        if columns.height:
            named = ", ".join(f"{name} {n:,}" for name, n in columns.drop("kind").iter_rows())
            console.print(Text(f"changed {kind}, by column: {named}"), soft_wrap=True)


def diff_as_json(diff: Diff) -> dict[str, object]:
    """Return the counts of a difference as plain values, all zeros included."""

    def nested(row: dict[str, object]) -> dict[str, object]:
        return {kind: {change: row[f"{kind} {change}"] for change in CHANGES} for kind in KINDS}

    counts = diff.by_source()
    total = counts.select(pl.exclude("source").sum()).row(0, named=True)
    return {
        "before": diff.before,
        "after": diff.after,
        "total": nested(total),
        "by_source": [
            {"source": row["source"], **nested(row)} for row in counts.iter_rows(named=True)
        ],
        "changed_columns": {
            kind: {
                name: n
                for name, n in diff.changed_columns().filter(kind=kind).drop("kind").iter_rows()
            }
            for kind in KINDS
        },
    }


def print_rolled_back(done: RolledBack) -> None:
    """Print what a rollback did, and what can be done next."""
    console = terminal()
    name = done.run_id[:SHOWN_DIGITS]
    line = f"Rolled back to run {done.target.name} as snapshot {done.snapshot_id}  (run {name})"
    console.print(Text(line, style="bold green"), soft_wrap=True)
    print_diff(done.diff, f"run {name}")
    console.print(
        Text(
            "Dumps that came since count as not ingested: run them again with"
            f" `{command()} run`.\nTo undo this: {command()} rollback RUN --reason TEXT,"
            " with the run that was newest before"
        ),
        soft_wrap=True,
    )

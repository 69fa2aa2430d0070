"""What Marsad says of runs: progress, summaries and findings, on a terminal or in plain lines."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import (
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from marsad.lake.info import LakeInfo
from marsad.night.backfilled import MISSING, Backfill
from marsad.night.findings import Finding
from marsad.night.progress import Progress, listen
from marsad.night.summary import BLOCKED, FAILED, NOTHING_NEW, PUBLISHED, RunSummary
from marsad.settings import Settings
from marsad.terminal import PipeSafeConsole, command, human_bytes, plain, print_table


def _progress_text(news: Progress, seconds: float) -> str:
    """Return how far a stage is: bytes with their rate, records, or steps."""
    parts = []
    if news.n_bytes:
        rate = f" ({human_bytes(news.n_bytes / seconds)}/s)" if seconds > 0.5 else ""
        parts.append(f"{human_bytes(news.n_bytes)}{rate}")
    if news.n_records:
        parts.append(f"{news.n_records:,} records")
    if news.steps:
        parts.append(f"{news.steps:,}" + (f" of {news.n_steps:,}" if news.n_steps else ""))
    return ", ".join(parts)


@contextmanager
def shown_progress(console: Console, first: str) -> Iterator[None]:
    """Show the progress of a run while the block runs: live on a terminal, else plain lines.

    Args:
        console: where to show it.
        first: what the run does before its first stage.
    """
    began = time.perf_counter()
    stage = ""

    if console.is_terminal:
        with Bars(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<9}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
        ) as bars:
            tasks = {"start": bars.add_task("start", total=1, note=first)}

            def draw(news: Progress) -> None:
                nonlocal began, stage
                if news.stage != stage:
                    # A stage begins when the one before it has ended; one may come every day.
                    for task in tasks.values():
                        bars.update(task, completed=1)
                    stage, began = news.stage, time.perf_counter()
                    if stage in tasks:
                        bars.reset(tasks[stage], note="")
                    else:
                        tasks[stage] = bars.add_task(stage, total=1, note="")
                seconds = time.perf_counter() - began
                bars.update(tasks[stage], note=_progress_text(news, seconds))

            listen(draw)
            try:
                yield
            finally:
                listen(None)
        return

    start = said = began

    def say(news: Progress) -> None:
        nonlocal began, said, stage
        now = time.perf_counter()
        # A line when a stage begins, and every few seconds while it lasts.
        if news.stage != stage:
            stage, began = news.stage, now
        elif now - said < 5:
            return
        said = now
        text = _progress_text(news, now - began)
        line = f"{now - start:7.1f} s  {stage:<9} {text}".rstrip()
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    console.print(f"{0:7.1f} s  {'start':<9} {first}", highlight=False, markup=False)
    listen(say)
    try:
        yield
    finally:
        listen(None)


@contextmanager
def run_progress(settings: Settings, first: str) -> Iterator[None]:
    """Show the progress of a run on standard error, unless that has the log for machines."""
    if settings.log_format == "json":
        yield
        return
    with shown_progress(PipeSafeConsole(stderr=True), first):
        yield


_HEADS = {
    PUBLISHED: ("Published", "green"),
    NOTHING_NEW: ("Nothing new", "green"),
    BLOCKED: ("Blocked by the audit: nothing was published", "red"),
    FAILED: ("Failed: nothing was published", "red"),
}


def print_summary(console: Console, summary: RunSummary, lake: str) -> None:
    """Print what a run did, for a tired person: the outcome, the counts, where to look."""

    def line(text: str = "", style: str = "") -> None:
        console.print(Text(plain(text), style=style), soft_wrap=True)

    head, colour = _HEADS[summary.status]
    seconds = sum(summary.seconds.values())
    what = f" as snapshot {summary.snapshot_id}" if summary.snapshot_id is not None else ""
    line(f"{head}{what}  (run {summary.run_id[:12]}, {seconds:.1f} s)", f"bold {colour}")
    if summary.error:
        line(f"  why        {summary.error}", colour)
    dumps = summary.n_dumps
    is_replay = summary.kind == "replay"
    if is_replay:
        line(
            f"  rejects    {summary.n_records:,} tried again,"
            f" {summary.n_records - summary.n_rejects:,} pass now"
        )
    else:
        line(
            f"  dumps      {dumps.new} new, {dumps.skipped} known already,"
            f" {dumps.failed} unreadable"
        )
    if summary.status == PUBLISHED:
        if not is_replay:
            line(f"  records    {summary.n_records:,} read, {summary.n_rejects:,} rejected")
        line(
            f"  articles   {summary.n_articles_new:,} new,"
            f" seen {summary.n_sightings:,} times on the pages of this run"
        )
        line(
            f"  keywords   {summary.n_article_keywords:,} of articles;"
            f" related links {summary.n_related_links:,}"
        )
    for rule, count in summary.rejects_by_rule:
        line(f"  {'still' if is_replay else 'rejected':<10} {count:,} by {rule}", "yellow")
    for problem in summary.problems[:10]:
        line(f"  {'not tried' if is_replay else 'unreadable':<10} {problem}", "yellow")
    if len(summary.problems) > 10:
        line(f"  unreadable … and {len(summary.problems) - 10} more, see ops.dumps", "yellow")
    for warning in summary.warnings:
        line(f"  warning    {warning}", "yellow")
    if summary.seconds:
        stages = ", ".join(f"{stage} {spent:.1f}" for stage, spent in summary.seconds.items())
        line(f"  seconds    {stages}", "dim")
    line("where to look")
    if summary.docs:
        line(f"  audit      {summary.docs}")
    if summary.published_file:
        line(f"  marts      {summary.published_file}")
    if summary.report:
        line(f"  report     {summary.report}")
    query = "from news.articles limit 5"
    if summary.n_rejects and not is_replay:
        query = f"select rule, detail, raw from ops.rejects where run_id = '{summary.run_id}'"
    option = "" if lake == "warehouse" else f" --lake {lake}"
    line(f'  rows       {command()} sql "{query}"{option}')
    line(f"  lake       {command()} info{option}")


def print_backfill(console: Console, done: Backfill) -> None:
    """Print what became of each day of a backfill, and why where it was not published."""
    print_table(console, done.table(), more_by="--json", null="")
    for day in done.days:
        run = day.summary
        notes: list[tuple[str, str]] = []
        if day.status == MISSING:
            notes = [(f"no input: {', '.join(day.inputs)}", "yellow")]
        elif run is not None:
            notes = [(run.error, "red")] if run.error else []
            notes += [(f"unreadable {problem}", "yellow") for problem in run.problems]
            notes += [(f"warning {warning}", "yellow") for warning in run.warnings]
        for note, style in notes:
            console.print(Text(plain(f"{day.day}  {note}"), style=style), soft_wrap=True)


def summary_markdown(summary: RunSummary) -> str:
    """Return the summary as Markdown, for Prefect's page of the run."""

    def cell(text: object) -> str:
        # Titles and file names are no markup: what would be one is escaped.
        shown = plain(text)
        for character in "\\`*_{}[]<>|":
            shown = shown.replace(character, "\\" + character)
        return shown

    head, _ = _HEADS[summary.status]
    rows: list[tuple[str, object]] = [
        ("run", summary.run_id),
        ("snapshot", summary.snapshot_id if summary.snapshot_id is not None else "none"),
        ("dumps new", summary.n_dumps.new),
        ("dumps known already", summary.n_dumps.skipped),
        ("dumps unreadable", summary.n_dumps.failed),
        ("records", summary.n_records),
        ("articles new", summary.n_articles_new),
        ("sightings", summary.n_sightings),
        ("related links", summary.n_related_links),
        ("keywords of articles", summary.n_article_keywords),
        ("rejects", summary.n_rejects),
        *((f"rejected by {rule}", count) for rule, count in summary.rejects_by_rule),
        *((f"seconds: {stage}", spent) for stage, spent in summary.seconds.items()),
    ]
    lines = [f"# {head}", ""]
    if summary.error:
        lines += [f"**Why:** {cell(summary.error)}", ""]
    lines += ["| what | figure |", "|---|---|"]
    lines += [f"| {cell(what)} | {cell(figure)} |" for what, figure in rows]
    for title, notes in (("Unreadable", summary.problems), ("Warnings", summary.warnings)):
        if notes:
            lines += ["", f"## {title}", "", *(f"- {cell(note)}" for note in notes)]
    if summary.docs:
        lines += ["", f"Data Docs: `{plain(summary.docs)}`"]
    return "\n".join(lines) + "\n"


def artifact_rows(frame: pl.DataFrame) -> list[dict[str, str]]:
    """Return a frame as rows of plain text, for a table on Prefect's page of the run."""
    return [
        {name: "" if value is None else plain(value) for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def print_info(console: Console, lake: str, info: LakeInfo) -> None:
    """Print what a lake holds."""
    tables = info.tables.with_columns(
        # The catalog itself keeps a few rows until they are worth a file.
        bytes=pl.when(pl.col("files") == 0, pl.col("rows") > 0)
        .then(pl.lit("in the catalog"))
        .otherwise(pl.col("bytes").map_elements(human_bytes, return_dtype=pl.String))
    )
    print_table(console, tables, title=f"Lake {plain(lake)}")
    runs = info.runs.select(
        pl.col("run_id").str.head(12).alias("run"),
        pl.col("started_at").dt.strftime("%Y-%m-%d %H:%M").alias("started (UTC)"),
        "status",
        "kind",
        pl.col("n_records").alias("records"),
        pl.col("n_articles_new").alias("new articles"),
        pl.col("n_rejects").alias("rejects"),
        pl.col("snapshot_id").alias("snapshot"),
    )
    print_table(console, runs, title="Last runs")
    for run, error in info.runs.select("run_id", "error").drop_nulls().iter_rows():
        console.print(Text(plain(f"{run[:12]}  {error}"), style="red"), soft_wrap=True)
    snapshots = info.snapshots.select(
        pl.col("snapshot_id").alias("snapshot"),
        pl.col("snapshot_time").dt.strftime("%Y-%m-%d %H:%M:%S").alias("made (UTC)"),
        pl.col("commit_message").fill_null("schema").alias("by"),
    )
    print_table(console, snapshots, title=f"Newest of {info.n_snapshots} snapshots")


_MARKS = {"ok": ("ok", "green"), "warning": ("WARNING", "yellow"), "error": ("ERROR", "red")}


def print_finding(console: Console, finding: Finding) -> None:
    """Print one finding of the doctor, and what to do about it."""
    mark, colour = _MARKS[finding.level]
    text = Text(f"{mark:<8} ", style=f"bold {colour}")
    text.append(plain(f"{finding.what:<14} {finding.found}"), style="default")
    console.print(text, soft_wrap=True)
    if finding.todo:
        console.print(Text(plain(f"{'':<9}{'':<14} → {finding.todo}")), soft_wrap=True)

"""The command line: one function a command, and no logic.

Imports stand in the functions: a command pays only for what it uses, and only `run`, `schedule`
and `demo` ever import Prefect.
"""

import datetime as dt
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marsad.errors import MarsadError

if TYPE_CHECKING:
    from marsad.night.summary import RunSummary

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Nightly dumps of Arabic news pages into a DuckLake warehouse.",
)

Lake = Annotated[
    Path | None,
    typer.Option(help="Folder of the warehouse. [default: $MARSAD_LAKE, else ./warehouse]"),
]
Inputs = Annotated[list[str], typer.Argument(help="Files, folders and globs of dumps.")]
Date = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="When records that do not say so were observed (UTC)."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that parse. [default: the cores]")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


keywords_app = typer.Typer(no_args_is_help=True, help="Work on the keywords of the lake.")
app.add_typer(keywords_app, name="keywords")


class Format(StrEnum):
    """How a result is written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


@app.command()
def run(
    inputs: Inputs,
    date: Date = None,
    lake: Lake = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Ingest dumps: parse, audit and publish all of them, or nothing."""
    from rich.console import Console

    from marsad.console import shown_progress
    from marsad.night.ingest import require_inputs
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers)
    require_inputs(inputs)
    _quiet_prefect()
    with shown_progress(Console(stderr=True), _server()):
        from flows.nightly import run_once

        summary = run_once(inputs, date.date() if date else None, settings)
    _end_run(summary, as_json, lake)


@keywords_app.command()
def relearn(lake: Lake = None, workers: Workers = None, as_json: Json = False) -> None:
    """Cut every keyword line of the lake again, with the model that all of them make."""
    from rich.console import Console

    from marsad.console import shown_progress
    from marsad.lake.connect import open_lake
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers)
    with open_lake(settings.lake):
        pass
    _quiet_prefect()
    with shown_progress(Console(stderr=True), _server()):
        from flows.relearn import run_once

        summary = run_once(settings)
    _end_run(summary, as_json, lake)


@app.command()
def schedule(
    inputs: Inputs,
    cron: Annotated[str, typer.Option(help="When to run, as cron says it.")] = "30 2 * * *",
    timezone: Annotated[str, typer.Option(help="Time zone of --cron.")] = "UTC",
    lake: Lake = None,
    workers: Workers = None,
) -> None:
    """Serve the nightly flow: stay here, and run it when --cron says."""
    from marsad.night.ingest import require_inputs
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers)
    require_inputs(inputs)
    from flows.nightly import serve_nightly

    serve_nightly([str(Path(name).absolute()) for name in inputs], cron, timezone, settings)


@app.command()
def synth(
    pages: Annotated[int, typer.Option(min=1, help="How many records to make.")],
    out: Annotated[Path, typer.Option(help="Folder to make dumps/ and truth/ in.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    output_format: Annotated[
        str, typer.Option("--format", help="jsonl, jsonl.gz, jsonl.zst, json, csv, txt, parquet …")
    ] = "jsonl",
    days: Annotated[int, typer.Option(min=1, help="Nights to spread the records over.")] = 1,
    first_day: Annotated[
        dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="The first of the nights.")
    ] = dt.datetime(2024, 11, 18),  # noqa: DTZ001 - a date, as typer takes it
    variants: Annotated[str, typer.Option(help="all, or plain.")] = "all",
    kind: Annotated[str, typer.Option(help="page, or article.")] = "page",
    processes: Annotated[int, typer.Option(min=1, help="Processes that write.")] = 1,
    truth: Annotated[bool, typer.Option(help="Write what is true of every record.")] = True,
) -> None:
    """Make dumps of invented news, with the truth about every record beside them."""
    from marsad.console import human_bytes
    from marsad.synth.generate import SynthOptions, generate

    report = generate(
        SynthOptions(
            pages=pages,
            seed=seed,
            out=out,
            format=output_format,
            days=days,
            first_day=first_day.date(),
            variants=variants,
            kind=kind,
            processes=processes,
            truth=truth,
        )
    )
    sys.stdout.write(
        f"{report.n_records:,} records, {human_bytes(report.n_bytes)} in {report.seconds:.1f} s\n"
        f"dumps  {report.dumps}\ntruth  {report.truth}\n"
    )


@app.command()
def demo(lake: Lake = None) -> None:
    """Run over the sample dumps, and show what an analyst would ask first."""
    from marsad.settings import PROJECT_DIR

    run([str(PROJECT_DIR / "data" / "sample")], lake=lake)
    query = (PROJECT_DIR / "sql" / "examples" / "first_query.sql").read_text("utf-8")
    sys.stdout.write(f"\nan example query: sql/examples/first_query.sql\n\n{query}\n")
    sys.stdout.flush()
    sql(query, lake=lake)
    from marsad.console import command

    sys.stdout.write(
        f"where to look next\n  {command()} info\n  {command()} --help\n"
        "  README.md, docs/parsing.md, sql/examples/\n"
    )


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="A SELECT. [default: standard input]")] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="How to write it.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
    lake: Lake = None,
) -> None:
    """Ask the lake, read-only: one SELECT over the tables of news and ops."""
    from marsad.lake.query import open_for_people, run_query
    from marsad.output import write_result
    from marsad.settings import load_settings

    text = sys.stdin.read() if query is None else query
    settings = load_settings(lake=lake)
    with open_for_people(settings.lake, settings.query) as con:
        frame = run_query(con, text, settings.query)
    write_result(frame, output_format and output_format.value, output)


@app.command()
def info(lake: Lake = None) -> None:
    """Show what the lake holds: tables, rows, bytes, last runs, snapshots."""
    from marsad.console import print_info, terminal
    from marsad.lake.info import read_info
    from marsad.settings import load_settings

    folder = load_settings(lake=lake).lake
    print_info(terminal(), str(folder), read_info(folder))


@app.command("eval")
def evaluate(
    pages: Annotated[int, typer.Option(min=1, help="How many invented pages.")] = 20_000,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the invented pages. [default: a new one]")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="golden, synth, saudinewsnet, keywords or language. [default: all]"),
    ] = None,
    shared: Annotated[
        Path | None, typer.Option(envvar="MARSAD_SHARED", help="Folder of the real corpora.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File for the table, too.")] = None,
    workers: Workers = None,
) -> None:
    """Measure every field against the truth: precision, recall and F1, in one table."""
    import secrets

    from marsad.evaluate.render import render_markdown
    from marsad.evaluate.run import EvalOptions, evaluate
    from marsad.settings import PROJECT_DIR

    options = EvalOptions(
        pages=pages,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        shared=shared or PROJECT_DIR.parent / "shared",
        only=tuple(only or ()),
        workers=workers,
    )
    page = render_markdown(
        evaluate(options, lambda name, took: typer.echo(f"{name}: {took:.1f} s", err=True))
    )
    sys.stdout.write(page)
    if output is not None:
        output.write_text(page, encoding="utf-8")


def _quiet_prefect() -> None:
    """Keep Prefect's own log, which says what the summary says, to those who ask for it."""
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def _server() -> str:
    """Say which Prefect server the run will use."""
    url = os.environ.get("PREFECT_API_URL")
    return f"Prefect server {url}" if url else "a temporary Prefect server (PREFECT_API_URL: yours)"


def _end_run(summary: "RunSummary", as_json: bool, lake: Path | None) -> None:
    """Print how a run ended, and end with the code that says so."""
    from marsad.console import print_summary, terminal
    from marsad.night.summary import RunEndedBadlyError

    if as_json:
        sys.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False) + "\n")
    else:
        print_summary(terminal(), summary, str(lake) if lake else "warehouse")
    if not summary.is_good:
        raise typer.Exit(RunEndedBadlyError.exit_code)


def main() -> None:
    """Run the command line; errors become one line and an exit code."""
    try:
        app()
    except MarsadError as error:
        from marsad.console import plain

        sys.stderr.write(f"marsad: {plain(error)}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("marsad: interrupted; nothing was published\n")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        # A defect, or a part of the outside that no stage expects to fail: one line for a person,
        # and everything for who asks.
        if os.environ.get("MARSAD_DEBUG"):
            raise
        from marsad.console import plain

        name = type(error).__name__
        sys.stderr.write(f"marsad: {name}: {plain(error)} (MARSAD_DEBUG=1 shows where)\n")
        sys.exit(1)

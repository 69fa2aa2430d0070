"""Commands that write to the lake: run, backfill, schedule, demo, keywords relearn."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.analysis import sql
from marsad.commands.flow_runs import end_run, running_flow
from marsad.commands.leash import end_all_with_this_process
from marsad.commands.options import Date, Inputs, Json, Lake, Memory, Runner, Wait, Workers


def run(
    inputs: Inputs,
    date: Date = None,
    lake: Lake = None,
    workers: Workers = None,
    memory: Memory = None,
    runner: Runner = "local",
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Ingest dumps: parse, audit and publish all of them, or nothing."""
    from marsad.night.ingest import require_inputs
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers, memory=memory, runner=runner)
    require_inputs(inputs)
    with running_flow(settings):
        from flows.nightly import run_once

        summary = run_once(inputs, date.date() if date else None, settings, wait=wait)
    end_run(summary, as_json, lake)


def backfill(
    inputs: Annotated[
        list[str],
        typer.Argument(help="Files, folders and globs with the date in them: 'dumps/{date}/'."),
    ],
    first: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    lake: Lake = None,
    workers: Workers = None,
    runner: Runner = "local",
    reparse: Annotated[
        bool,
        typer.Option("--reparse", help="Roll back to before the first day, and parse all again."),
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Ingest a range of days, a run for each; go on where an earlier backfill stopped."""
    from marsad.console import print_backfill
    from marsad.night.backfilled import plan_days
    from marsad.night.summary import RunEndedBadlyError
    from marsad.settings import load_settings
    from marsad.terminal import terminal

    settings = load_settings(lake=lake, workers=workers, runner=runner)
    plan_days(inputs, first.date(), last.date())
    with running_flow(settings):
        from flows.backfill import run_once

        done = run_once(inputs, first.date(), last.date(), settings, wait=wait, reparse=reparse)
    if as_json:
        sys.stdout.write(json.dumps(done.as_json(), ensure_ascii=False) + "\n")
    else:
        print_backfill(terminal(), done)
    if not done.is_good:
        raise typer.Exit(RunEndedBadlyError.exit_code)


def relearn(
    lake: Lake = None, workers: Workers = None, wait: Wait = False, as_json: Json = False
) -> None:
    """Cut every keyword line of the lake again, with the model that all of them make."""
    from marsad.lake.connect import open_lake
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers)
    with open_lake(settings.place):
        pass
    with running_flow(settings):
        from flows.relearn import run_once

        summary = run_once(settings, wait=wait)
    end_run(summary, as_json, lake)


def schedule(
    inputs: Inputs,
    cron: Annotated[str, typer.Option(help="When to run, as cron says it.")] = "30 2 * * *",
    timezone: Annotated[str, typer.Option(help="Time zone of --cron.")] = "UTC",
    lake: Lake = None,
    workers: Workers = None,
    runner: Runner = "local",
) -> None:
    """Serve the nightly flow: stay here, and run it when --cron says."""
    from marsad.night.ingest import require_inputs
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers, runner=runner)
    require_inputs(inputs)
    end_all_with_this_process()
    from flows.nightly import serve_nightly

    serve_nightly([_absolute(name) for name in inputs], cron, timezone, settings)


def _absolute(name: str) -> str:
    """Return a path that does not depend on where the command was given."""
    return name if "://" in name else str(Path(name).absolute())


def demo(lake: Lake = None) -> None:
    """Run over the sample dumps, and show what an analyst would ask first."""
    from marsad.settings import PROJECT_DIR

    run([str(PROJECT_DIR / "data" / "sample")], lake=lake)
    query = (PROJECT_DIR / "sql" / "examples" / "first_query.sql").read_text("utf-8")
    sys.stdout.write(f"\nan example query: sql/examples/first_query.sql\n\n{query}\n")
    sys.stdout.flush()
    sql(query, lake=lake)
    from marsad.terminal import command

    sys.stdout.write(
        f"where to look next\n  {command()} info\n  {command()} --help\n"
        "  README.md, docs/parsing.md, sql/examples/\n"
    )

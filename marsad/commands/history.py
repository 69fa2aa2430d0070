"""Commands for the lake's history: runs, diff, rollback."""

import json
import sys
from typing import Annotated

import typer

from marsad.commands.analysis import Format
from marsad.commands.options import Json, Lake, Wait

RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="First digits of a run's id, or `latest`.")
]


def runs(
    lake: Lake = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the runs: what each did, and whether it still stands."""
    from marsad.history import print_runs
    from marsad.lake.connect import open_lake
    from marsad.lake.runs import read_runs
    from marsad.output import write_result
    from marsad.settings import load_settings

    with open_lake(load_settings(lake=lake).place) as con:
        found = read_runs(con, limit)
    if as_json:
        write_result(found, "json", None)
    else:
        print_runs(found)


def diff(
    run: RunName,
    other: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Run to compare to. [default: what RUN changed]"),
    ] = None,
    rows: Annotated[
        str | None, typer.Option(help="List what changed of: articles, keywords, links.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write --rows.")
    ] = Format.table,
    lake: Lake = None,
    as_json: Json = False,
) -> None:
    """Show what a run changed, or what lies between two: new, changed, vanished, by source."""
    from marsad.errors import ConfigError
    from marsad.history import diff_as_json, print_diff
    from marsad.lake.connect import open_lake
    from marsad.lake.diff import KINDS, diff_runs
    from marsad.lake.runs import find_run
    from marsad.output import write_result
    from marsad.settings import load_settings

    if rows is not None and rows not in KINDS:
        raise ConfigError(f"--rows {rows!r}: give one of {', '.join(KINDS)}")
    with open_lake(load_settings(lake=lake).place) as con:
        first = find_run(con, run)
        second = None if other is None else find_run(con, other)
        found = diff_runs(con, first, second)
    if rows is not None:
        write_result(found.rows.filter(kind=rows).drop("kind"), output_format.value, None)
    elif as_json:
        sys.stdout.write(json.dumps(diff_as_json(found), ensure_ascii=False) + "\n")
    else:
        print_diff(found, f"run {first.name}" + (f" to run {second.name}" if second else ""))


def rollback(
    run: RunName,
    reason: Annotated[str, typer.Option(help="Why, for ops.runs.")],
    lake: Lake = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Make the lake what it was after RUN, as a new snapshot; later dumps can be run again."""
    from marsad.history import diff_as_json, print_rolled_back
    from marsad.night.progress import report_waiting
    from marsad.night.rolled_back import roll_back
    from marsad.settings import load_settings

    done = roll_back(load_settings(lake=lake), run, reason, wait=wait, on_wait=report_waiting)
    if as_json:
        said = {
            "run_id": done.run_id,
            "snapshot_id": done.snapshot_id,
            "target_run_id": done.target.run_id,
            **diff_as_json(done.diff),
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        print_rolled_back(done)

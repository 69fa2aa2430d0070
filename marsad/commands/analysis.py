"""Commands for who reads the lake: sql and info."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.options import Lake


class Format(StrEnum):
    """How a result is written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"


def sql(
    query: Annotated[str | None, typer.Argument(help="A SELECT. [default: standard input]")] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="How to write it.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="RUN", help="Ask the lake as it was after this run.")
    ] = None,
    lake: Lake = None,
) -> None:
    """Ask the lake, read-only: one SELECT over the tables of news and ops."""
    from marsad.lake.connect import open_lake
    from marsad.lake.query import open_for_people, run_query
    from marsad.lake.runs import find_run, require_state
    from marsad.output import write_result
    from marsad.settings import load_settings

    text = sys.stdin.read() if query is None else query
    settings = load_settings(lake=lake)
    version = None
    if at is not None:
        with open_lake(settings.place) as con:
            version = require_state(con, find_run(con, at))
    with open_for_people(settings.place, settings.query, version=version) as con:
        frame = run_query(con, text, settings.query)
    write_result(frame, output_format and output_format.value, output)


def info(lake: Lake = None) -> None:
    """Show what the lake holds: tables, rows, bytes, last runs, snapshots."""
    from marsad.console import print_info, terminal
    from marsad.lake.info import read_info
    from marsad.settings import load_settings

    place = load_settings(lake=lake).place
    print_info(terminal(), str(place), read_info(place))

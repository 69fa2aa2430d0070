"""Commands for who reads what is published: serve, report."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.options import Lake


def serve(
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Put the file before this one back instead.")
    ] = False,
    lake: Lake = None,
) -> None:
    """Build the published file and the report anew from the lake, as every published run does."""
    from marsad.lake.connect import open_lake
    from marsad.lake.lock import writer_lock
    from marsad.night.served import serve as build
    from marsad.night.served import write_report
    from marsad.serve.swap import published_path, swap_back
    from marsad.settings import load_settings
    from marsad.terminal import human_bytes

    settings = load_settings(lake=lake)
    with open_lake(settings.place):
        pass
    with writer_lock(settings.place):
        if rollback:
            swap_back(settings.lake)
            write_report(settings)
            sys.stdout.write(f"put back: {published_path(settings.lake)}\n")
            return
        done = build(settings)
        write_report(settings)
    sys.stdout.write(f"{done.path}: {human_bytes(done.n_bytes)} in {done.seconds:.1f} s\n")


def report(
    date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The night to show. [default: the newest]"),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="The page to write. [default: report/ in the warehouse]",
            dir_okay=False,
        ),
    ] = None,
    lake: Lake = None,
) -> None:
    """Write the report of a night as one page: what rose, who was first, how good the data are."""
    import webbrowser

    from marsad.serve.report import build_report, report_path
    from marsad.serve.swap import published_path
    from marsad.settings import load_settings
    from marsad.terminal import human_bytes

    settings = load_settings(lake=lake)
    night = date.date() if date else None
    done = build_report(
        published_path(settings.lake),
        output or report_path(settings.lake, night),
        sql=settings.sql,
        night=night,
        data_docs=settings.lake / "data_docs",
    )
    size = human_bytes(done.n_bytes)
    sys.stdout.write(f"{done.path}: {size} in {done.seconds:.1f} s\n")
    if open_it and not webbrowser.open(done.path.absolute().as_uri()):
        sys.stderr.write("marsad: no browser was found here: open the page by hand\n")

"""Commands for who reads the published file: serve."""

import sys
from typing import Annotated

import typer

from marsad.commands.options import Lake


def serve(
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Put the file before this one back instead.")
    ] = False,
    lake: Lake = None,
) -> None:
    """Build the published file anew from the lake, as every published run does."""
    from marsad.console import human_bytes
    from marsad.lake.connect import open_lake
    from marsad.lake.lock import writer_lock
    from marsad.night.served import serve as build
    from marsad.serve.swap import published_path, swap_back
    from marsad.settings import load_settings

    settings = load_settings(lake=lake)
    with open_lake(settings.place):
        pass
    with writer_lock(settings.place):
        if rollback:
            swap_back(settings.lake)
            sys.stdout.write(f"put back: {published_path(settings.lake)}\n")
            return
        done = build(settings)
    sys.stdout.write(f"{done.path}: {human_bytes(done.n_bytes)} in {done.seconds:.1f} s\n")

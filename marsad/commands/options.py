"""Options that several commands have."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

Lake = Annotated[
    Path | None,
    typer.Option(help="Folder of the warehouse. [default: $MARSAD_LAKE, else ./warehouse]"),
]
Inputs = Annotated[
    list[str], typer.Argument(help="Files, folders and globs of dumps, here or on s3://.")
]
Date = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="When records that do not say so were observed (UTC)."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that parse. [default: the cores]")
]
Runner = Annotated[
    str,
    typer.Option(
        metavar="WHERE",
        help="Who parses: local, dask (a cluster of this run), or dask=tcp://host:port.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="What a run may hold, as in 2GB. [default: $MARSAD_MEMORY, else half of the machine]",
    ),
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for another run to end, instead of ending at once.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

"""Commands for who reads: sql, tables, examples, export, shell and info."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.interrupts import interruptible
from marsad.commands.options import Json, Lake

Published = Annotated[
    bool, typer.Option("--published", help="Ask the marts of the published file instead.")
]


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
    published: Published = False,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="Write a long table at once, 40 rows of it.")
    ] = False,
    lake: Lake = None,
) -> None:
    """Ask the lake, read-only: one SELECT over news, ops, or the marts (--published)."""
    with interruptible():
        from marsad.ask import answer, opened
        from marsad.settings import load_settings

        text = sys.stdin.read() if query is None else query
        settings = load_settings(lake=lake)
        with opened(settings, published=published, at=at) as con:
            frame = answer(con, text, settings, published=published)
        from marsad.output import write_result

        write_result(frame, output_format and output_format.value, output, paged=not no_pager)


def tables(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One table, with its columns.")
    ] = None,
    as_json: Json = False,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="Write long output at once.")
    ] = False,
    lake: Lake = None,
) -> None:
    """List tables, columns and macros with what they mean."""
    from marsad.catalogue import as_objects, pick, print_catalogues, read_catalogues
    from marsad.settings import load_settings
    from marsad.terminal import terminal

    found = read_catalogues(load_settings(lake=lake))
    if name is not None:
        found = pick(found, name)
    if as_json:
        import json

        sys.stdout.write(json.dumps(as_objects(found), ensure_ascii=False) + "\n")
        return
    from marsad.pager import show

    console = terminal()
    with console.capture() as capture:
        print_catalogues(console, found, with_columns=name is not None)
    if no_pager:
        sys.stdout.write(capture.get())
    else:
        show(console, capture.get())


def examples(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Run this one.")] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="How to write its result.")
    ] = None,
    lake: Lake = None,
) -> None:
    """List questions with their queries (sql/examples/), or run one."""
    from marsad.examples import load_examples, one_example, print_examples
    from marsad.settings import load_settings

    settings = load_settings(lake=lake)
    found = load_examples(settings.sql)
    if name is None:
        from marsad.terminal import terminal

        print_examples(terminal(), found)
        return
    example = one_example(found, name)
    if output_format in (None, Format.table):
        sys.stdout.write(example.text)
        sys.stdout.flush()
    sql(example.text, output_format, published=example.published, no_pager=True, lake=lake)


def export(
    what: Annotated[str, typer.Argument(metavar="NAME|QUERY", help="A table, or a SELECT.")],
    output: Annotated[Path, typer.Option(help="File to write; with --partition-by a new folder.")],
    output_format: Annotated[
        str | None,
        typer.Option("--format", help="parquet, csv, jsonl or xlsx. [default: by the name]"),
    ] = None,
    partition_by: Annotated[
        str, typer.Option(metavar="COLUMN,...", help="Hive partitions by these columns.")
    ] = "",
    from_lake: Annotated[
        bool, typer.Option("--from-lake", help="Ask the lake instead of the published file.")
    ] = False,
    lake: Lake = None,
) -> None:
    """Write a mart, a table or a query as Parquet, CSV, JSON Lines or a workbook."""
    with interruptible():
        from marsad.export import export as write
        from marsad.settings import load_settings

        done = write(
            load_settings(lake=lake),
            what,
            output,
            output_format=output_format,
            partition_by=tuple(name.strip() for name in partition_by.split(",") if name.strip()),
            published=not from_lake,
        )
    sys.stdout.write(f"{done.path}: {done.n_rows:,} rows\n")
    if done.n_cut:
        sys.stderr.write(f"marsad: {done.n_cut:,} texts were cut: a cell holds 32,767 characters\n")


def shell(published: Published = False, lake: Lake = None) -> None:
    """Ask again and again at a prompt with history and completion, read-only."""
    from marsad.settings import load_settings
    from marsad.shell import Shell, new_session, state_folder

    session = Shell(load_settings(lake=lake), published=published)
    sys.stdout.write(".help says what there is; a query ends in ;\n")
    session.run(new_session(session, state_folder()))


def info(lake: Lake = None) -> None:
    """Show what the lake holds: tables, rows, bytes, last runs, snapshots."""
    from marsad.console import print_info
    from marsad.lake.info import read_info
    from marsad.settings import load_settings
    from marsad.terminal import terminal

    place = load_settings(lake=lake).place
    print_info(terminal(), str(place), read_info(place))

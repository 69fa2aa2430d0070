"""Commands that make dumps with their truth, and measure against it: synth and eval."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from marsad.commands.options import Workers


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
    from marsad.synth.generate import SynthOptions, generate
    from marsad.terminal import human_bytes

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

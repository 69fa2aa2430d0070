"""The command line: what commands there are, and how it ends."""

import os
import sys

import typer

from marsad.commands import analysis, care, history, nights, quality, rejects, serving
from marsad.errors import MarsadError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Boxes and colours would cost half a second of imports whenever help is asked for.
    rich_markup_mode=None,
    help="Nightly dumps of Arabic news pages into a DuckLake warehouse.",
)
app.command()(nights.run)
app.command()(nights.backfill)
app.command()(nights.schedule)
app.command()(nights.demo)
app.command()(analysis.sql)
app.command()(analysis.tables)
app.command()(analysis.examples)
app.command()(analysis.export)
app.command()(analysis.shell)
app.command()(analysis.info)
app.command()(history.runs)
app.command()(history.diff)
app.command()(history.rollback)
app.command()(care.maintain)
app.command()(care.doctor)
app.command()(serving.serve)
app.command()(serving.report)
app.command()(quality.synth)
app.command("eval")(quality.evaluate)

keywords = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Work on the keywords of the lake."
)
keywords.command()(nights.relearn)
app.add_typer(keywords, name="keywords")

quarantine = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at what was rejected, and try it again.",
)
quarantine.command("list")(rejects.list_rejects)
quarantine.command()(rejects.show)
quarantine.command()(rejects.replay)
quarantine.command()(rejects.waive)
app.add_typer(quarantine, name="rejects")


def main() -> None:
    """Run the command line; errors become one line and an exit code."""
    try:
        app()
    except MarsadError as error:
        from marsad.terminal import plain

        sys.stderr.write(f"marsad: {plain(error)}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        # A defect, or a part of the outside that no stage expects to fail: one line for a person,
        # and everything for who asks.
        if os.environ.get("MARSAD_DEBUG"):
            raise
        from marsad.terminal import plain

        name = type(error).__name__
        sys.stderr.write(f"marsad: {name}: {plain(error)} (MARSAD_DEBUG=1 shows where)\n")
        sys.exit(1)

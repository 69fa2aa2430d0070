"""What a terminal shows, and how: plain text, sizes, tables. Light, for every command needs it."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from marsad.bidi import Isolated

if TYPE_CHECKING:
    import polars as pl

#: Rows of a result that a terminal shows, and characters of one value.
SHOWN_ROWS = 40
SHOWN_CHARS = 200

#: Names of files and texts of errors come from outside: what moves a cursor is shown, not done.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


class PipeSafeConsole(Console):
    """A console whose reader may leave: what was begun goes on to its end, unseen."""

    def on_broken_pipe(self) -> None:
        """Write to nobody from here on."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def plain(text: object) -> str:
    """Return text as one line without control characters."""
    return str(text).translate(_CONTROLS)


def command() -> str:
    """Return how this person calls the command: by its name, or by the path they used."""
    called = Path(sys.argv[0])
    if shutil.which("marsad") or called.name != "marsad":
        return "marsad"
    with contextlib.suppress(ValueError):
        return str(called.absolute().relative_to(Path.cwd()))
    return str(called)


def human_bytes(n_bytes: float) -> str:
    """Return a size for people, as `12.3 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def terminal() -> Console:
    """Return the console of standard output; a file or pipe gets wide lines, not 80 columns."""
    console = PipeSafeConsole()
    return console if console.is_terminal else PipeSafeConsole(width=200)


def print_table(
    console: Console,
    frame: "pl.DataFrame",
    *,
    title: str | None = None,
    more_by: str = "--format csv, or a limit",
    null: str = "null",
    rows: int = SHOWN_ROWS,
) -> None:
    """Print a result as a table, cut to what a terminal shows, and say what was cut.

    Args:
        console: where to print it.
        frame: the result.
        title: what stands above it.
        more_by: what to add to see what was cut.
        rows: how many are shown.
        null: what stands where there is no value.
    """
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=SIMPLE_HEAD
    )
    for name, dtype in frame.schema.items():
        table.add_column(
            plain(name), justify="right" if dtype.is_numeric() else "left", overflow="fold"
        )
    for row in frame.head(rows).iter_rows():
        table.add_row(*(_cell(value, null) for value in row))
    console.print(table)
    more = frame.height - rows
    if more > 0:
        console.print(Text(f"… and {more:,} more rows: add {more_by}", style="dim"))


def _cell(value: object, null: str) -> Text | Isolated:
    if value is None:
        return Text(null, style="dim")
    text = plain(value)
    if len(text) > SHOWN_CHARS:
        text = text[: SHOWN_CHARS - 1] + "…"
    return Text(text) if text.isascii() else Isolated(text)

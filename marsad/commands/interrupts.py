"""Ctrl-C in a command: one line that says what came of it, and 130."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from marsad.errors import is_interrupt


@contextmanager
def interruptible(outcome: Callable[[], str] = lambda: "nothing was written") -> Iterator[None]:
    """Say in one line that Ctrl-C ended a command, and what that means.

    Args:
        outcome: says what the command has done.
    """
    try:
        yield
    except (KeyboardInterrupt, RuntimeError) as error:
        if not is_interrupt(error):
            raise
        # After the ^C that a terminal shows.
        line = "\n" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{line}marsad: interrupted; {outcome()}\n")
        raise typer.Exit(130) from None

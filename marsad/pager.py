"""Long output on a terminal, a screen at a time."""

import os
import shlex
import shutil
import subprocess
import sys

from rich.console import Console

#: What less is told where the person told it nothing: leave short output on the screen, and
#: colours and the screen as they are. The marks of direction take no cells.
_LESS = {"LESS": "FRX", "LESSCHARSET": "utf-8", "LESSUTFCHARDEF": "2066-2069:c,200e-200f:c,061c:c"}


def show(console: Console, text: str) -> None:
    """Write rendered text, through a pager where it is longer than the terminal.

    Args:
        console: the console of standard output.
        text: lines as they are to be written, colours among them.
    """
    program = shlex.split(os.environ.get("PAGER") or "less")
    is_long = text.count("\n") >= console.height
    if not (console.is_terminal and is_long and program and shutil.which(program[0])):
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    pager = subprocess.Popen(
        program, stdin=subprocess.PIPE, env=_LESS | dict(os.environ), encoding="utf-8"
    )
    assert pager.stdin is not None
    try:
        pager.stdin.write(text)
        pager.stdin.close()
    except BrokenPipeError:
        pass  # they have seen enough
    while True:
        try:
            pager.wait()
            return
        except KeyboardInterrupt:
            continue  # the pager's own affair

"""Texts of both directions in a terminal: each line is kept whole, and measured in cells."""

import unicodedata

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

#: Right-to-left isolate, first strong isolate, pop directional isolate: what stands between them
#: is laid out by itself and moves nothing beside it.
_RLI, _FSI, _PDI = "\u2067", "\u2068", "\u2069"


def isolated(line: str) -> str:
    """Return a line that may stand beside others, whatever its direction.

    A line with at least as many right-to-left letters as others is laid out from the right, also
    where it begins with a Latin name: `CNN: خبر عاجل` (breaking news).
    """
    if line.isascii():
        return line
    directions = [unicodedata.bidirectional(letter) for letter in line]
    right = sum(direction in ("R", "AL") for direction in directions)
    return f"{_RLI if right and right >= directions.count('L') else _FSI}{line}{_PDI}"


class Isolated:
    """A text in a cell of a table: wrapped by words, every line of it isolated."""

    def __init__(self, text: str) -> None:
        self._text = Text(text)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Measure it as it would be without marks, which take no cells."""
        return self._text.__rich_measure__(console, options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Wrap it to the width of its column."""
        for line in self._text.wrap(console, options.max_width, overflow="fold"):
            yield Text(isolated(line.plain.rstrip()), justify="left", no_wrap=True, end="\n")

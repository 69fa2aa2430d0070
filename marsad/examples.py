"""Questions of a newsroom, a researcher and an operator, each as a query in sql/examples/.

`python -m marsad.examples` writes docs/examples.md anew, from the warehouse of `make demo`.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from marsad.ask import answer, opened
from marsad.errors import ConfigError
from marsad.lake.nearest import nearest
from marsad.settings import PROJECT_DIR, Settings, load_settings
from marsad.terminal import plain

if TYPE_CHECKING:
    import polars as pl

#: The page that this module writes.
PATH: Final = PROJECT_DIR / "docs" / "examples.md"


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its query.

    Attributes:
        name: of its file.
        question: the first comment.
        text: the whole file.
        published: whether it asks the published file; else it asks the lake.
    """

    name: str
    question: str
    text: str
    published: bool


def load_examples(sql: Path) -> tuple[Example, ...]:
    """Return the examples by name; those that name a schema of the lake ask the lake."""
    found = []
    for path in sorted((sql / "examples").glob("*.sql")):
        text = path.read_text("utf-8")
        question = text.partition("\n")[0].removeprefix("-- ")
        asks_lake = "from news." in text or "from ops." in text
        found.append(Example(path.stem, question, text, not asks_lake))
    return tuple(found)


def one_example(examples: Sequence[Example], name: str) -> Example:
    """Return one example.

    Raises:
        ConfigError: there is none of this name.
    """
    named = {example.name: example for example in examples}
    if name not in named:
        near = nearest(name, named)
        todo = f"did you mean {' or '.join(near)}?" if near else "`marsad examples` lists them"
        raise ConfigError(f"no example {name}: {todo}")
    return named[name]


def print_examples(console: Console, examples: Sequence[Example]) -> None:
    """Print the names and questions."""
    width = max(len(example.name) for example in examples)
    for example in examples:
        line = Text(f"{example.name:<{width}}  ", style="bold")
        line.append(example.question, style="default")
        console.print(line, soft_wrap=True)


def render(settings: Settings) -> str:
    """Return the examples with their results as Markdown.

    Args:
        settings: of a warehouse that holds a run over data/sample and nothing else.
    """
    lines = [
        "# Examples",
        "",
        "Questions with their queries, and what they answer on the sample dumps (invented texts).",
        "`marsad examples` lists them, `marsad examples NAME` runs one. Made of `sql/examples/`",
        "after `make demo` by `python -m marsad.examples`.",
    ]
    examples = load_examples(settings.sql)
    for published in (True, False):
        with opened(settings, published=published) as con:
            for example in examples:
                if example.published != published:
                    continue
                frame = answer(con, example.text, settings, published=published)
                where = "published file" if published else "lake"
                lines += ["", f"## {example.name}", "", f"{example.question} ({where})", ""]
                lines += ["```sql", example.text.rstrip(), "```", ""]
                lines += _markdown(frame)
    return "\n".join(lines) + "\n"


def _markdown(frame: "pl.DataFrame") -> list[str]:
    """Return a result as the lines of a Markdown table."""
    if frame.is_empty():
        return ["No rows: the sample holds none."]

    def line(cells: Iterable[object]) -> str:
        shown = ("" if cell is None else plain(cell) for cell in cells)
        escaped = ("".join("\\" + c if c in "\\|<*_`[]" else c for c in cell) for cell in shown)
        return f"| {' | '.join(escaped)} |"

    return [line(frame.columns), "|---" * frame.width + "|", *map(line, frame.iter_rows())]


if __name__ == "__main__":
    PATH.write_text(render(load_settings()), encoding="utf-8")
    sys.stdout.write(f"wrote {PATH}\n")

"""The catalogue for people, from the comments in the lake and in the published file.

`python -m marsad.catalogue` writes docs/tables.md anew, of an empty lake.
"""

import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from marsad.bidi import Isolated
from marsad.errors import ConfigError
from marsad.lake.catalogue import Catalogue, Table, read_catalogue
from marsad.lake.connect import CATALOG, PUBLISHED
from marsad.lake.nearest import nearest
from marsad.lake.query import open_for_people, open_published
from marsad.serve.swap import published_path
from marsad.settings import PROJECT_DIR, Settings, load_settings
from marsad.terminal import plain

#: The page that this module writes.
PATH: Final = PROJECT_DIR / "docs" / "tables.md"

#: What is asked how.
_HEADS: Final = {
    "published": ("Published file", "marsad sql --published"),
    "lake": ("Lake", "marsad sql"),
}


def read_catalogues(settings: Settings) -> dict[str, Catalogue]:
    """Read what there is: `published`, where the file is there, and `lake`.

    Raises:
        LakeError: there is no lake.
    """
    found = {}
    path = published_path(settings.lake)
    common = settings.sql / "macros.sql"
    if path.is_file():
        with open_published(path, settings.query) as con:
            files = (common, settings.sql / "published_macros.sql")
            found["published"] = read_catalogue(con, PUBLISHED, ["main"], files)
    with open_for_people(settings.place, settings.query) as con:
        files = (common, settings.sql / "lake_macros.sql")
        found["lake"] = read_catalogue(con, CATALOG, ["news", "ops"], files)
    return found


def pick(catalogues: Mapping[str, Catalogue], name: str) -> dict[str, Catalogue]:
    """Return what has this name: a table with or without its schema, or a macro.

    Raises:
        ConfigError: nothing has it.
    """
    asked = name.lower()
    found = {}
    names = set()
    for place, catalogue in catalogues.items():
        tables = tuple(
            table
            for table in catalogue.tables
            if asked in (table.name, table.name.rpartition(".")[2])
        )
        macros = tuple(macro for macro in catalogue.macros if macro.name == asked)
        if tables or macros:
            found[place] = Catalogue(tables, macros)
        names |= {table.name for table in catalogue.tables}
        names |= {macro.name for macro in catalogue.macros}
    if not found:
        near = nearest(name, names)
        todo = f"did you mean {' or '.join(near)}?" if near else "`marsad tables` lists them"
        raise ConfigError(f"no table or macro {name}: {todo}")
    return found


def as_objects(catalogues: Mapping[str, Catalogue]) -> dict[str, object]:
    """Return catalogues as plain objects, for JSON."""
    return {place: dataclasses.asdict(catalogue) for place, catalogue in catalogues.items()}


def print_catalogues(
    console: Console, catalogues: Mapping[str, Catalogue], *, with_columns: bool
) -> None:
    """Print catalogues for a terminal, comments wrapped to its width.

    Args:
        console: where to print it.
        catalogues: what `read_catalogues` or `pick` gave.
        with_columns: the columns of each table too.
    """
    for place, catalogue in catalogues.items():
        head, way = _HEADS[place]
        console.print(Text.assemble((head, "bold"), (f"  {way}", "dim")))
        if with_columns:
            for table in catalogue.tables:
                _print_columns(console, table)
        else:
            _print_rows(console, [(table.name, table.comment) for table in catalogue.tables])
        if catalogue.macros:
            _print_rows(console, [(macro.call, macro.comment) for macro in catalogue.macros])
    if not with_columns:
        console.print(Text("marsad tables NAME shows the columns of one", style="dim"))


def _grid() -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    return grid


def _print_rows(console: Console, rows: list[tuple[str, str]]) -> None:
    grid = _grid()
    grid.add_column(overflow="fold")
    for name, comment in rows:
        grid.add_row(f"  {plain(name)}", Isolated(plain(comment)))
    console.print(grid)
    console.print()


def _print_columns(console: Console, table: Table) -> None:
    console.print(Text(f"\n{plain(table.name)}", style="bold"))
    console.print(Isolated(plain(table.comment)))
    console.print()
    grid = _grid()
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for column in table.columns:
        kind = column.type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").lower()
        grid.add_row(f"  {plain(column.name)}", plain(kind), Isolated(plain(column.comment)))
    console.print(grid)
    console.print()


def render(catalogues: Mapping[str, Catalogue]) -> str:
    """Return the catalogue as Markdown."""
    lines = [
        "# Tables, columns and macros",
        "",
        "Made of the comments in `sql/` by `python -m marsad.catalogue`; `marsad tables [NAME]`",
        "shows the same of a warehouse. Times are UTC.",
    ]
    for place, catalogue in catalogues.items():
        head, way = _HEADS[place]
        lines += ["", f"## {head}", "", f"Asked with `{way}`."]
        for table in catalogue.tables:
            lines += ["", f"### {table.name}", "", _escaped(table.comment), ""]
            lines += ["| column | type | meaning |", "|---|---|---|"]
            lines += [
                f"| `{column.name}` | {column.type.lower()} | {_escaped(column.comment)} |"
                for column in table.columns
            ]
        lines += ["", f"### Macros of the {head.lower()}", ""]
        lines += ["| call | answer |", "|---|---|"]
        lines += [f"| `{macro.call}` | {_escaped(macro.comment)} |" for macro in catalogue.macros]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join("\\" + letter if letter in "|<*_" else letter for letter in text)


def shipped() -> str:
    """Return the page of the lake and the published file as this version makes them."""
    from marsad.lake.connect import open_lake
    from marsad.lake.migrate import migrate
    from marsad.night.served import serve

    folder = Path(tempfile.mkdtemp(prefix="marsad-tables-"))
    try:
        settings = load_settings(lake=folder, workers=1, environ={})
        with open_lake(settings.place, read_only=False) as con:
            migrate(con, settings.sql)
        serve(settings)
        return render(read_catalogues(settings))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    PATH.write_text(shipped(), encoding="utf-8")
    sys.stdout.write(f"wrote {PATH}\n")

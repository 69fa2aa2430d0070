"""An interactive prompt over the lake or the published file, read-only as `marsad sql` is."""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from marsad.ask import answer, opened
from marsad.catalogue import pick, print_catalogues, read_catalogues
from marsad.errors import ConfigError, MarsadError, QueryError
from marsad.lake.catalogue import Catalogue
from marsad.output import write_result
from marsad.settings import Settings
from marsad.terminal import plain, terminal

HELP: Final = """\
A query ends in ; and may have many lines. Ctrl-C stops a query, or forgets what was typed.
.tables [NAME]   tables and macros, or the columns of one
.output FILE     write the next result to a file (.csv .json .jsonl .parquet .xlsx)
.lake .published ask the other one
.help            this
.quit            leave; so does Ctrl-D
"""

_COMMANDS: Final = (".help", ".lake", ".output", ".published", ".quit", ".tables")
#: One string, so that the list stays short to read.
_KEYWORDS: Final = tuple(
    re.findall(
        r"\w+",
        "and as asc between by case count desc distinct else end exists explain from full group"
        " having in inner is join left like limit not null on or order over partition qualify"
        " select then union using when where with",
    )
)


def history_path(state: Path) -> Path:
    """Return the file of what was typed, in the user's folder for state."""
    return state / "marsad" / "history"


class Shell:
    """A session: what is asked, and where the next result goes."""

    def __init__(self, settings: Settings, *, published: bool) -> None:
        self._settings = settings
        self._published = published
        self._output: Path | None = None
        self._catalogues = read_catalogues(settings)
        if published and "published" not in self._catalogues:
            raise ConfigError("there is no published file: `marsad serve` builds it")

    @property
    def catalogue(self) -> Catalogue:
        """What can be asked now."""
        return self._catalogues["published" if self._published else "lake"]

    def run(self, session: "PromptSession[str]") -> None:
        """Read and answer until the person leaves."""
        while True:
            place = "published" if self._published else "lake"
            with opened(self._settings, published=self._published) as con:
                while ("published" if self._published else "lake") == place:
                    try:
                        text = session.prompt(f"{place}> ").strip()
                    except KeyboardInterrupt:
                        continue
                    except EOFError:
                        return
                    if text in (".quit", ".exit"):
                        return
                    self._answer(con, text)

    def _answer(self, con: duckdb.DuckDBPyConnection, text: str) -> None:
        """Do what was typed; what goes wrong is one line."""
        try:
            if text.startswith("."):
                self._command(*text.rstrip(";").split(maxsplit=1))
            elif text.rstrip("; \n"):
                frame = answer(con, text, self._settings, published=self._published)
                output, self._output = self._output, None
                write_result(frame, None, output, paged=True)
        except KeyboardInterrupt:
            sys.stderr.write("stopped\n")
        except QueryError as error:
            told = str(error)
            if told.endswith("add --published"):
                told = told.replace("add --published", ".published asks it")
            sys.stderr.write(f"{plain(told.replace('ask without --published', '.lake asks it'))}\n")
        except MarsadError as error:
            sys.stderr.write(f"{plain(error)}\n")

    def _command(self, name: str, rest: str = "") -> None:
        if name == ".tables":
            place = "published" if self._published else "lake"
            here = {place: self._catalogues[place]}
            found = pick(here, rest) if rest else here
            print_catalogues(terminal(), found, with_columns=bool(rest))
        elif name == ".output":
            if not rest:
                raise ConfigError(".output FILE: name a file")
            self._output = Path(rest)
        elif name in (".lake", ".published"):
            if name[1:] not in self._catalogues:
                raise ConfigError("there is no published file: `marsad serve` builds it")
            self._published = name == ".published"
        elif name == ".help":
            sys.stdout.write(HELP)
        else:
            raise ConfigError(f"no command {name}: .help lists them")


class Names(Completer):
    """Completes keywords, tables, columns, macros and the shell's own commands."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may stand here, for a word of one letter or more."""
        before = document.text_before_cursor
        found = re.search(r"[.\w]+$", before)
        if found is None:
            return
        word = found[0]
        if before.lstrip() == word and word.startswith("."):
            yield from (Completion(name, -len(word)) for name in _COMMANDS if name.startswith(word))
            return
        catalogue = self._shell.catalogue
        tables = {table.name for table in catalogue.tables}
        columns = {column.name for table in catalogue.tables for column in table.columns}
        macros = {macro.name for macro in catalogue.macros}
        # After an alias and a point stands a column.
        alias, point, part = word.rpartition(".")
        for names, kind in (
            (tables, "table"),
            (columns, "column"),
            (macros, "macro"),
            (_KEYWORDS, "keyword"),
        ):
            for name in sorted(names):
                if name.startswith(word.lower()) and name != word:
                    yield Completion(name, -len(word), display_meta=kind)
                elif point and alias and kind == "column" and name.startswith(part.lower()):
                    yield Completion(name, -len(part), display_meta=kind)


def new_session(shell: Shell, state: Path) -> "PromptSession[str]":
    """Return the prompt: lines until `;`, or one line that begins with a point.

    Args:
        shell: what is asked.
        state: the user's folder for state; where it cannot be written to, history is forgotten.
    """
    path = history_path(state)
    history: History
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        history = FileHistory(str(path))
    except OSError:
        history = InMemoryHistory()
    session: PromptSession[str] = PromptSession(
        history=history,
        completer=Names(shell),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        prompt_continuation=lambda width, number, wrapped: "... ".rjust(width),
    )

    def is_open() -> bool:
        text = session.default_buffer.text.strip()
        return bool(text) and not text.startswith(".") and not text.endswith(";")

    session.multiline = Condition(is_open)
    return session


def state_folder() -> Path:
    """Return the user's folder for state, as the XDG specification says."""
    named = os.environ.get("XDG_STATE_HOME")
    return Path(named) if named else Path.home() / ".local" / "state"

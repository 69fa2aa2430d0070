"""Build the report of a night, beside the old one, and rename it over."""

import contextlib
import datetime as dt
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import duckdb

from marsad.errors import ServeError
from marsad.serve.report.page import render
from marsad.serve.report.read import read_document

#: What the engine may hold while it reads; a report of a million articles needs a third of it.
MEMORY_BYTES: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written.

    Attributes:
        path: the page.
        night: the night it shows; null before the first.
        n_bytes: its size.
        seconds: how long it took.
    """

    path: Path
    night: str | None
    n_bytes: int
    seconds: float


def report_path(lake: Path, night: dt.date | None = None) -> Path:
    """Return where a report belongs: that of the newest night, or that of a named one."""
    return lake / "report" / (f"{night}.html" if night else "index.html")


def build_report(
    published: Path,
    output: Path,
    *,
    sql: Path,
    night: dt.date | None = None,
    data_docs: Path | None = None,
    memory_bytes: int = MEMORY_BYTES,
) -> Report:
    """Write the report of a night from the published file; the same file gives the same bytes.

    Args:
        published: the published file; it is only read.
        output: the page; its folder is made.
        sql: the folder that holds report/.
        night: the night; default: the last with pages.
        data_docs: folder of the Data Docs that the page links to; default: that of the warehouse
            in which the published file stands.
        memory_bytes: what the engine may hold.

    Raises:
        ServeError: there is no published file or no such night, or the page cannot be written.
    """
    began = time.perf_counter()
    if not published.is_file():
        raise ServeError(f"no published file {published}: `marsad serve` builds it")
    data_docs = data_docs or published.parent / "data_docs"
    partial = output.with_name(f".{output.name}.partial")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(published), read_only=True) as con:
            con.execute(f"set memory_limit = '{memory_bytes}B'; set TimeZone = 'UTC'")
            document = read_document(con, sql, night)
        docs = os.path.relpath(data_docs.absolute(), output.parent.absolute())
        document["meta"]["docs"] = quote(docs.replace(os.sep, "/"))
        partial.write_text(render(document), "utf-8", newline="\n")
        partial.replace(output)
    except (duckdb.Error, OSError, ValueError, ImportError) as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ServeError(f"the report was not written: {line}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return Report(
        output,
        document["meta"]["night"],
        output.stat().st_size,
        round(time.perf_counter() - began, 3),
    )

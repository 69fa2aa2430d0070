"""Export a table, a mart or a query to a file or a folder of partitions, in bounded memory.

A person's query goes through the same admission as any other; around it stands a statement of
ours, which the connection may write to one folder and nowhere else. What is written has its name
only when it is whole.
"""

import datetime as dt
import decimal
import math
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from marsad.ask import explained, opened
from marsad.errors import ConfigError, QueryError
from marsad.lake.admission import admitted
from marsad.lake.escape import identifier, literal
from marsad.lake.guard import Guard
from marsad.settings import Settings

#: What each format is for the engine; workbooks are written by ourselves.
_COPY: Final = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true",
    "jsonl": "format json",
}
FORMATS: Final = (*_COPY, "xlsx")

_NAME = re.compile(r"\w+(\.\w+)?")
_FORMULA_STARTS: Final = "=+-@\t\r"
#: What a sheet and a cell of a workbook hold.
_SHEET_ROWS: Final = 1_048_576
_CELL_CHARS: Final = 32_767
_EXACT: Final = 2**53
_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where, how many rows, and cells that a workbook had to cut."""

    path: Path
    n_rows: int
    n_cut: int = 0


def export(
    settings: Settings,
    what: str,
    output: Path,
    *,
    output_format: str | None = None,
    partition_by: tuple[str, ...] = (),
    published: bool = True,
) -> Exported:
    """Write a table or the result of a query.

    Args:
        settings: where the lake is, and what a query may cost.
        what: the name of a table, or a SELECT.
        output: the file; with `partition_by` a folder, which must not hold anything yet.
        output_format: one of `FORMATS`; default: by the name of `output`, for folders parquet.
        partition_by: columns whose values make Hive folders (`day=2024-11-19/`).
        published: ask the published file, or else the lake.

    Raises:
        ConfigError: the format, the partitions or the place to write to are not usable.
        QueryError: the query is refused, or fails.
    """
    form = _format(output, output_format, partition_by)
    if not output.parent.is_dir():
        raise ConfigError(f"{output} cannot be written: {output.parent} is no folder")
    if partition_by and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigError(f"{output} is there already: give a folder that is new or empty")
    if not partition_by and output.is_dir():
        raise ConfigError(f"{output} is a folder: give a file, or --partition-by")
    query = f"from {what}" if _NAME.fullmatch(what) else what
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{output.name[:60]}.", dir=output.parent))
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}") from error
    try:
        target = partial / "written"
        with opened(settings, published=published, writes=partial) as con:
            try:
                with Guard(con, settings.query, spill=partial):
                    done = _write(con, admitted(con, query), target, form, partition_by)
            except duckdb.Error as error:
                raise explained(con, error, settings, published=published) from error
        if partition_by and output.is_dir():
            output.rmdir()
        target.replace(output)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Exported(output, done.n_rows, done.n_cut)


def _format(output: Path, given: str | None, partition_by: tuple[str, ...]) -> str:
    suffix = output.suffix.lstrip(".").lower()
    form = given or {"ndjson": "jsonl"}.get(suffix, suffix)
    if given is None and partition_by and form not in FORMATS:
        form = "parquet"
    if form not in FORMATS:
        raise ConfigError(
            f"{output.name} does not say its format: end it in .parquet, .csv, .jsonl or .xlsx,"
            " or give --format"
        )
    if form == "xlsx" and partition_by:
        raise ConfigError("a workbook has no partitions: give parquet, csv or jsonl")
    for column in partition_by:
        # It becomes part of the names of folders.
        if not re.fullmatch(r"\w+", column):
            raise ConfigError(f"--partition-by {column!r}: rename it to letters and digits first")
    return form


def _write(
    con: duckdb.DuckDBPyConnection,
    statement: str,
    target: Path,
    form: str,
    partition_by: tuple[str, ...],
) -> Exported:
    asked = f"({statement.strip().rstrip(';')}\n) as asked"
    columns = [
        (name, kind) for name, kind, *_ in con.execute(f"describe select * from {asked}").fetchall()
    ]
    if missing := [name for name in partition_by if name not in dict(columns)]:
        raise QueryError(f"--partition-by {missing[0]}: the result has no such column")
    if form in ("csv", "xlsx"):
        asked = f"(select {', '.join(_flat(*column) for column in columns)} from {asked}) as flat"
    if form == "xlsx":
        return _write_workbook(con, asked, columns, target)
    if form == "csv":
        shown = ", ".join(_safe(name, kind, partition_by) for name, kind in columns)
        asked = f"(select {shown} from {asked}) as safe"
    options = _COPY[form]
    if partition_by:
        options += f", partition_by ({', '.join(map(identifier, partition_by))})"
    row = con.execute(
        f"copy (select * from {asked}) to {literal(str(target))} ({options})"
    ).fetchone()
    if partition_by:
        target.mkdir(exist_ok=True)  # there is none where there are no rows
    return Exported(target, 0 if row is None else int(row[0]))


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))


def _flat(name: str, kind: str) -> str:
    """Return a column with nested values as JSON, and enumerations as texts."""
    column = identifier(name)
    if _is_nested(kind):
        return f"to_json({column})::varchar as {column}"
    return f"{column}::varchar as {column}" if kind.startswith("ENUM") else column


def _safe(name: str, kind: str, partition_by: tuple[str, ...]) -> str:
    """Return a column whose texts no spreadsheet runs; see `marsad.output`."""
    column = identifier(name)
    shown = identifier(f"'{name}") if name[:1] in tuple(_FORMULA_STARTS) else column
    # A partition's value is a folder's name, which nobody reads as a formula.
    is_text = kind == "VARCHAR" or kind.startswith("ENUM") or _is_nested(kind)
    if not is_text or name in partition_by:
        return f"{column} as {shown}"
    starts = ", ".join(f"chr({ord(start)})" for start in _FORMULA_STARTS)
    return f"if({column}[1] in ({starts}), '''' || {column}, {column}) as {shown}"


def _write_workbook(
    con: duckdb.DuckDBPyConnection, asked: str, columns: list[tuple[str, str]], target: Path
) -> Exported:
    """Write a workbook row by row: texts as texts, times in UTC, for workbooks have no zones.

    Raises:
        QueryError: it has more rows than a sheet.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "tmpdir": str(target.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    n_rows = n_cut = 0
    with xlsxwriter.Workbook(str(target), options) as workbook:
        sheet = workbook.add_worksheet("result")
        bold = workbook.add_format({"bold": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        for number, (name, kind) in enumerate(columns):
            width = 40 if kind == "VARCHAR" and not name.endswith("_id") else 18
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, name, bold)
        cursor = con.execute(f"select * from {asked}")
        while rows := cursor.fetchmany(_BATCH):
            for row in rows:
                n_rows += 1
                if n_rows >= _SHEET_ROWS:
                    raise QueryError(
                        "there are more rows than a sheet of a workbook holds:"
                        " add a limit, or write csv or parquet"
                    )
                for number, value in enumerate(row):
                    if isinstance(value, dt.datetime):
                        plain = value if value.tzinfo is None else value.astimezone(dt.UTC)
                        sheet.write_datetime(n_rows, number, plain.replace(tzinfo=None), moment)
                    elif isinstance(value, dt.date):
                        sheet.write_datetime(n_rows, number, value, day)
                    elif isinstance(value, bool):
                        sheet.write_boolean(n_rows, number, value)
                    elif isinstance(value, int | float | decimal.Decimal):
                        # A cell holds no infinity and no NaN, and whole numbers up to 2^53.
                        if isinstance(value, int) and abs(value) > _EXACT:
                            sheet.write_string(n_rows, number, str(value))
                        elif math.isfinite(value):
                            sheet.write_number(n_rows, number, value)
                    elif value is not None:
                        text = str(value)
                        n_cut += len(text) > _CELL_CHARS
                        sheet.write_string(n_rows, number, text[:_CELL_CHARS])
        if columns:
            sheet.autofilter(0, 0, n_rows, len(columns) - 1)
    return Exported(target, n_rows, n_cut)

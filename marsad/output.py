"""Write the result of a query: a table for people, or a file format for programs."""

import io
import sys
from pathlib import Path
from typing import Final

import polars as pl

from marsad.errors import ConfigError

#: What makes a spreadsheet read a cell as a formula, when it stands first.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")

#: Rows of a table that a person may page through.
_PAGED_ROWS: Final = 1_000

#: Rows of a sheet, the header's among them.
_SHEET_ROWS: Final = 1_048_576

#: Types whose values are texts in CSV.
_TEXTS: Final = (pl.String, pl.Categorical, pl.Enum)


def write_result(
    frame: pl.DataFrame, output_format: str | None, output: Path | None, *, paged: bool = False
) -> None:
    """Write a result to a file, or to standard output.

    Args:
        frame: the result.
        output_format: `table`, `json`, `jsonl`, `csv`, `parquet` or `xlsx`; default: by the name
            of `output`, else `table`.
        output: file to write, whole or not at all; default: standard output.
        paged: show a long table a screen at a time, where standard output is a terminal.

    Raises:
        ConfigError: the file cannot be written, or the format needs one.
    """
    if output_format is None:
        suffix = "" if output is None else output.suffix.lstrip(".").lower()
        output_format = {"ndjson": "jsonl"}.get(suffix, suffix or "table")
    if output_format == "table":
        _write_table(frame, output, paged)
        return
    data = io.BytesIO()
    if output_format == "json":
        frame.write_json(data)
    elif output_format == "jsonl":
        frame.write_ndjson(data)
    elif output_format == "csv":
        safe_for_spreadsheets(_flat(frame)).write_csv(data)
    elif output_format in ("parquet", "xlsx"):
        if output is None and sys.stdout.isatty():
            raise ConfigError(f"{output_format} is no text: give --output FILE")
        if output_format == "parquet":
            frame.write_parquet(data)
        else:
            _write_workbook(frame, data)
    else:
        formats = "table, json, jsonl, csv, parquet, xlsx"
        raise ConfigError(f"{output_format!r} is no format: give {formats}")
    if output is None:
        sys.stdout.buffer.write(data.getvalue())
        if output_format == "json":
            sys.stdout.buffer.write(b"\n")
        sys.stdout.flush()
    else:
        _write_file(output, data.getvalue())


def _write_table(frame: pl.DataFrame, output: Path | None, paged: bool) -> None:
    from rich.console import Console

    from marsad.terminal import plain, print_table, terminal

    if output is None:
        console = terminal()
        if frame.columns == ["explain_key", "explain_value"]:
            # A plan is a drawing of many lines, not a value of a table.
            for line in "\n".join(frame["explain_value"]).split("\n"):
                sys.stdout.write(f"{plain(line)}\n")
            return
        if not (paged and console.is_terminal):
            print_table(console, frame)
            return
        from marsad.pager import show

        with console.capture() as capture:
            print_table(console, frame, rows=_PAGED_ROWS)
        show(console, capture.get())
        return
    text = io.StringIO()
    print_table(Console(file=text, width=160), frame)
    _write_file(output, text.getvalue().encode())


def safe_for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with texts that a spreadsheet would run as formulas made harmless.

    Titles come from pages that anybody may write: `=HYPERLINK(…)` gets an apostrophe before it,
    which spreadsheets take for "this is text". Numbers, dates and truth values stay as they are,
    for they are no text; names of columns are texts too.
    """

    def safe(column: pl.Expr) -> pl.Expr:
        text = column.cast(pl.String)
        starts = pl.any_horizontal(text.str.starts_with(start) for start in _FORMULA_STARTS)
        return pl.when(starts).then(pl.lit("'") + text).otherwise(text)

    texts = [name for name, dtype in frame.schema.items() if dtype in _TEXTS]
    return frame.with_columns(safe(pl.col(name)).alias(name) for name in texts).rename(
        {name: f"'{name}" for name in frame.columns if name.startswith(_FORMULA_STARTS)}
    )


def _write_workbook(frame: pl.DataFrame, data: io.BytesIO) -> None:
    """Write a frame as a workbook: texts as texts, times in UTC, for workbooks have no zones.

    Raises:
        ConfigError: it has more rows than a sheet.
    """
    import xlsxwriter

    if frame.height >= _SHEET_ROWS:
        raise ConfigError(
            f"{frame.height:,} rows are more than a sheet of a workbook holds:"
            " add a limit, or write csv or parquet"
        )
    as_texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    plain = _flat(frame).with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        for name in times
        if frame[name].dtype != pl.Datetime("us")
    )
    # A cell holds no infinity and no NaN; Excel itself writes a formula that fails.
    numbers = pl.selectors.float()
    plain = plain.with_columns(pl.when(numbers.is_finite()).then(numbers))
    with xlsxwriter.Workbook(data, as_texts) as workbook:
        plain.write_excel(workbook, worksheet="result", autofit=True)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with nested values as JSON text, which CSV can hold."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    columns = []
    for name in nested:
        wrapped = frame.select(pl.struct(value=pl.col(name)).struct.json_encode())
        text = wrapped.to_series().str.strip_prefix('{"value":').str.strip_suffix("}")
        columns.append(text.alias(name))
    return frame.with_columns(columns)


def _write_file(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)

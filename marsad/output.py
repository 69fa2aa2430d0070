"""Write the result of a query: a table for people, or a file format for programs."""

import io
import sys
from pathlib import Path
from typing import Final

import polars as pl

from marsad.errors import ConfigError

#: What makes a spreadsheet read a cell as a formula, when it stands first.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")

#: Types whose values are texts in CSV.
_TEXTS: Final = (pl.String, pl.Categorical, pl.Enum)


def write_result(frame: pl.DataFrame, output_format: str | None, output: Path | None) -> None:
    """Write a result to a file, or to standard output.

    Args:
        frame: the result.
        output_format: `table`, `json`, `jsonl`, `csv` or `parquet`; default: by the name of
            `output`, else `table`.
        output: file to write, whole or not at all; default: standard output.

    Raises:
        ConfigError: the file cannot be written, or the format needs one.
    """
    if output_format is None:
        suffix = "" if output is None else output.suffix.lstrip(".").lower()
        output_format = {"ndjson": "jsonl"}.get(suffix, suffix or "table")
    if output_format == "table":
        _write_table(frame, output)
        return
    data = io.BytesIO()
    if output_format == "json":
        frame.write_json(data)
    elif output_format == "jsonl":
        frame.write_ndjson(data)
    elif output_format == "csv":
        safe_for_spreadsheets(_flat(frame)).write_csv(data)
    elif output_format == "parquet":
        if output is None and sys.stdout.isatty():
            raise ConfigError("Parquet is no text: give --output FILE")
        frame.write_parquet(data)
    else:
        raise ConfigError(f"{output_format!r} is no format: give table, json, jsonl, csv, parquet")
    if output is None:
        sys.stdout.buffer.write(data.getvalue())
        if output_format == "json":
            sys.stdout.buffer.write(b"\n")
        sys.stdout.flush()
    else:
        _write_file(output, data.getvalue())


def _write_table(frame: pl.DataFrame, output: Path | None) -> None:
    from rich.console import Console

    from marsad.console import print_table, terminal

    if output is None:
        print_table(terminal(), frame)
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

"""Reference data: reads the tables of `data/reference`, with the user's own merged over them."""

import csv
import hashlib
from pathlib import Path
from typing import Final

import polars as pl

from marsad.errors import ConfigError
from marsad.parse.dates import Months, months_of
from marsad.parse.labels import Label, Labels, compile_labels
from marsad.parse.page import PARSER_VERSION
from marsad.parse.rules import Rules
from marsad.parse.source_index import SourceIndex
from marsad.settings import Settings

_LABELS: Final = ("kind", "label", "bare")
_SOURCES: Final = ("id", "name", "name_en", "kind", "country", "domain", "aliases")
_SOURCE_WORDS: Final = ("word", "role", "value")
_NOT_SOURCES: Final = ("text",)
_MONTHS: Final = ("family", "calendar", "month", "name")


def load_rules(settings: Settings) -> Rules:
    """Read labels, sources and months and make them ready for parsing.

    A user's table has the same columns as Marsad's; its rows come after, and so win.

    Raises:
        ConfigError: a table is not as documented; the text names file and line.
    """
    labels = _read(settings, "labels.csv", _LABELS)
    sources = _read(settings, "sources.csv", _SOURCES)
    words = _read(settings, "source_words.csv", _SOURCE_WORDS)
    not_sources = _read(settings, "not_sources.csv", _NOT_SOURCES)
    months = _read(settings, "months.csv", _MONTHS)
    digest = hashlib.sha256()
    for table in (labels, sources, words, not_sources, months):
        digest.update(table.write_csv().encode())
    return Rules(
        labels=_labels(labels),
        sources=SourceIndex.build(sources, words, not_sources),
        months=_months(months),
        parser_version=f"{PARSER_VERSION}-{digest.hexdigest()[:8]}",
        raw_bytes=settings.limits.raw_bytes,
    )


def reference_files(settings: Settings, name: str) -> list[Path]:
    """Return the files of one table: Marsad's, then the user's where there is one."""
    files = [settings.reference / name]
    if settings.user_reference is not None and (settings.user_reference / name).exists():
        files.append(settings.user_reference / name)
    return files


def _labels(rows: pl.DataFrame) -> Labels:
    yes = {"": False, "no": False, "yes": True}
    labels = []
    for kind, text, bare in rows.iter_rows():
        if bare not in yes:
            raise ConfigError(
                f"labels.csv: bare is {bare!r} at {text!r}: leave it empty or write yes"
            )
        labels.append(Label(kind, text, yes[bare]))
    try:
        return compile_labels(labels)
    except ValueError as error:
        raise ConfigError(f"labels.csv: {error}") from None


def _months(rows: pl.DataFrame) -> Months:
    try:
        return months_of(rows)
    except ValueError as error:
        raise ConfigError(f"months.csv: {error}") from None


def _read(settings: Settings, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Read a table, Marsad's rows first; every column String, nothing null, spaces stripped."""
    rows = [row for path in reference_files(settings, name) for row in _rows(path, columns)]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise ConfigError(f"{path}: no column {column!r}")
        for row in reader:
            if None in row or None in row.values():
                raise ConfigError(f"{path}, line {reader.line_num}: not as many fields as columns")
            rows.append(tuple(row[column].strip() for column in columns))
    return rows

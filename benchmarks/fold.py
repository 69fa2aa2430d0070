"""Folding measured against the other ways to do it: `python benchmarks/fold.py [FOLDER]`.

The texts are those of SaudiNewsNet in FOLDER (default `../shared/corpora/saudinewsnet`). Each way
gives the same keys; the best of five runs counts, on one core.
"""

import json
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from marsad.parse import fold_numpy
from marsad.parse.arabic import fold, fold_rows, fold_series
from marsad.parse.fold_map import fold_map
from marsad.parse.fold_sql import fold_macro
from marsad.parse.split import split_rows

PROJECT = Path(__file__).resolve().parent.parent
TAKE_BYTES = 8_000_000


def read(folder: Path) -> tuple[pl.Series, pl.Series]:
    """Return titles and bodies, about `TAKE_BYTES` of each."""
    records: list[dict[str, str]] = []
    for path in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    records += json.loads(archive.read(name))
    columns = []
    for name, field in (("titles", "title"), ("bodies", "content")):
        column = pl.Series(name, [record[field] or "" for record in records])
        times = -(-TAKE_BYTES // column.str.len_bytes().sum())
        column = pl.concat([column] * times)
        columns.append(column.filter(column.str.len_bytes().cum_sum() <= TAKE_BYTES))
    return columns[0], columns[1]


def by_expressions(s: pl.Series) -> pl.Series:
    """The same map by Polars' own string functions; only the characters that occur."""
    occur = {ord(char) for char in set("".join(s.to_list()))}
    folds = {chr(code): to for code, to in fold_map().items() if code in occur}
    return (
        s.str.replace_many(list(folds), list(folds.values()))
        .str.replace_all(" +", " ")
        .str.strip_chars(" ")
    )


def by_normalize(s: pl.Series) -> pl.Series:
    """NFKC alone, one of the dozen steps that the map does at once; not the same keys."""
    return pl.Series([unicodedata.normalize("NFKC", text) for text in s.to_list()])


def in_sql(con: duckdb.DuckDBPyConnection, table: str) -> None:
    con.execute(f"select max(fold_ar(text)) from {table}").fetchall()


def measure(ways: dict[str, Callable[[], object]], n_bytes: int) -> dict[str, float]:
    """Return MB/s of each way; the ways take turns, so that a busy machine is fair to all."""
    best: dict[str, float] = {}
    for _ in range(5):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            best[name] = min(best.get(name, 1e9), time.perf_counter() - start)
    return {name: n_bytes / seconds / 1e6 for name, seconds in best.items()}


def in_lines(column: pl.Series) -> int:
    """Fold the lines of a column as pages are folded."""
    split = split_rows(column)
    return len(fold_rows(split.data, split.start, split.end).texts())


def main() -> None:
    default = PROJECT.parent / "shared" / "corpora" / "saudinewsnet"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    con = duckdb.connect()
    con.execute("set threads = 1")
    con.execute(fold_macro())
    for column in read(folder):
        expected = [fold(text) for text in column.to_list()]
        assert fold_series(column).to_list() == expected
        assert by_expressions(column).to_list() == expected
        con.execute(f"create table {column.name} (text varchar)")
        con.execute(f"insert into {column.name} select unnest($1)", [column.to_list()])
        n_bytes = int(column.str.len_bytes().sum())
        ways = {
            "fold_rows": lambda c=column: in_lines(c),
            "fold_series": lambda c=column: fold_series(c),
            "fold_series by NumPy": lambda c=column: fold_numpy.fold_texts(c),
            "str.translate a row": lambda c=column: [fold(text) for text in c.to_list()],
            "polars expressions": lambda c=column: by_expressions(c),
            "NFKC alone": lambda c=column: by_normalize(c),
            "to and from str alone": lambda c=column: pl.Series("\0".join(c.to_list()).split("\0")),
            "fold_ar in SQL": lambda c=column: in_sql(con, c.name),
        }
        figures = measure(ways, n_bytes)
        for name, figure in figures.items():
            sys.stdout.write(f"{column.name:8} {name:24} {figure:8.0f} MB/s\n")


if __name__ == "__main__":
    main()

"""Results of queries as files: whole, in the format asked for, and harmless in a spreadsheet."""

import csv
import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from marsad.errors import ConfigError
from marsad.output import write_result

HOSTILE = {
    "equals": '=HYPERLINK("http://example.com", "x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
}


def csv_rows(frame: pl.DataFrame, folder: Path) -> list[list[str]]:
    """The cells of the CSV that is written, the head among them."""
    path = folder / "out.csv"
    write_result(frame, None, path)
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_csv_gives_formulas_an_apostrophe(tmp_path: Path, text: str) -> None:
    rows = csv_rows(pl.DataFrame({"n": [1, 2, 3], "title": [text, "خبر", None]}), tmp_path)
    assert rows[1:] == [["1", "'" + text], ["2", "خبر"], ["3", ""]]


def test_csv_leaves_what_is_no_text_as_it_is(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "n": [-5],
            "share": [-0.25],
            "day": [dt.date(2024, 1, 2)],
            "is_new": [True],
            "tags": [["=1", "a"]],
        }
    )
    assert csv_rows(frame, tmp_path)[1] == ["-5", "-0.25", "2024-01-02", "true", '["=1","a"]']


def test_csv_escapes_names_of_columns_and_categories_too(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "=1+1": ["a"],
            "kind": pl.Series(["=x"], dtype=pl.Categorical),
            "listed": pl.Series(["@y"], dtype=pl.Enum(["@y"])),
        }
    )
    assert csv_rows(frame, tmp_path) == [["'=1+1", "kind", "listed"], ["a", "'=x", "'@y"]]


def test_csv_with_a_formula_within_a_text_is_untouched(tmp_path: Path) -> None:
    text = 'أسعار "النفط" = 80, أو أكثر\n-سطر'  # "oil" prices = 80, or more; a line
    assert csv_rows(pl.DataFrame({"body": [text]}), tmp_path)[1] == [text]


@pytest.mark.parametrize("name", ["out.json", "out.jsonl", "out.ndjson"])
def test_formats_for_programs_keep_texts_as_they_are(tmp_path: Path, name: str) -> None:
    write_result(pl.DataFrame({"title": ["=1+1"]}), None, tmp_path / name)
    found = json.loads((tmp_path / name).read_text("utf-8"))
    assert found in ([{"title": "=1+1"}], {"title": "=1+1"})


def test_parquet_keeps_the_frame(tmp_path: Path) -> None:
    frame = pl.DataFrame({"title": ["=1+1"], "tags": [["a", "b"]]})
    write_result(frame, None, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(frame)


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_result(pl.DataFrame({"a": [1]}), "csv", tmp_path / "nowhere" / "out.csv")
    with pytest.raises(ConfigError, match="is no format"):
        write_result(pl.DataFrame({"a": [1]}), None, tmp_path / "out.docx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_holds_texts_and_no_formulas(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "=title": ['=HYPERLINK("http://x")', "@sum", "http://example.org", "007"],
            "seen": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 4,
            "words": [["a", "b"]] * 4,
            "n": [1.5, None, float("nan"), -2],
        }
    )
    write_result(frame, None, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "=HYPERLINK" in strings
    assert "007" in strings

"""Rows of Parquet that are read as columns are those that are read one by one."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from marsad.settings import Limits

TEXTS = ["خبر", "", None, " \n", "\0", "a\0b", "\x1c", "long " * 30, "x" * 99, "last"]
#: What the ten values of a column other than the text may be.
COLUMNS: dict[str, list[Any]] = {
    "strings": ["a", None, "\0", "ب\0ت", "", " ", "1e3", "\n", "long " * 30, "z"],
    "integers": [1, None, -(2**63), 2**63 - 1, 0, 7, 8, 9, 10, 11],
    "doubles": [1.0, None, 1e300, 0.1, -0.0, float("nan"), float("inf"), 1e16, 123456.5, 5e-324],
    "booleans": [True, False, None, True, False, True, True, True, True, True],
    "lists": [["a", "b"], [], None, [None], ["", "c"], [" "], ["\0d"], ["e"], ["f" * 150], ["g"]],
    "lists of lists": [[["a"], ["b"]], [[]], None, [[None]], [["c", "d"]], *[[["e"]]] * 5],
    "dates": [date(2024, 11, 18), None, *[date(1999, 12, 31)] * 8],
    "times": [datetime(2024, 11, 18, 5, 6, 7, 8, UTC), None, *[datetime(1, 1, 1, tzinfo=UTC)] * 8],
    "structs": [{"name": "a", "url": None}, None, *[{"name": None, "url": "b"}] * 8],
    "bytes": [b"a", None, "خبر".encode(), b"\xff", *[b"c"] * 6],
}


@pytest.mark.parametrize("field", ["title", "keywords", "author", "published", "text"])
@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_are_rows(
    kind: str,
    field: str,
    tmp_path: Path,
    read_all: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "a.parquet"
    frame = {"content" if field == "text" else "text": TEXTS, field: COLUMNS[kind]}
    pl.DataFrame(frame, strict=False).write_parquet(path, row_group_size=4)
    limits = Limits(record_bytes=120, raw_bytes=40)
    monkeypatch.setattr("marsad.dumps.parquet._ROWS", 3)
    fast = read_all(path, limits=limits)
    monkeypatch.setattr("marsad.dumps.parquet._PLAIN", re.compile("nothing is plain"))
    slow = read_all(path, limits=limits)
    assert fast.errors == slow.errors == []
    assert fast.records.height + fast.rejects.height == len(TEXTS)
    assert fast.records.equals(slow.records)
    assert fast.rejects.equals(slow.rejects)
    assert fast.rejects["record_no"].is_sorted()


@pytest.mark.parametrize("damage", [0.2, 0.5, 0.9])
def test_damage_in_the_midst_is_told(
    damage: float, tmp_path: Path, read_all: Callable[..., Any]
) -> None:
    path = tmp_path / "a.parquet"
    texts = [f"{number} " * 500 for number in range(5000)]
    pl.DataFrame({"text": texts}).write_parquet(path, row_group_size=500, compression="zstd")
    data = bytearray(path.read_bytes())
    at = int(len(data) * damage)
    data[at : at + 64] = bytes(64)
    path.write_bytes(data)
    (error,) = read_all(path).errors
    assert error.startswith(f"{path}: corrupt: the Parquet cannot be read:")
    assert "\n" not in error
    assert str(path) not in error.removeprefix(str(path))

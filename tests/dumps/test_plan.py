"""What a plan holds: new dumps once, in an order that the inputs do not change, with their date."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from marsad.dumps.dates import date_in
from marsad.ids import hash_bytes
from marsad.settings import Limits

ReadAll = Callable[..., Any]


def test_the_same_bytes_are_one_dump_under_the_smallest_uri(
    tmp_path: Path, read_all: ReadAll
) -> None:
    for name in ("c.txt", "b.txt", "a.txt", "z.txt"):
        (tmp_path / name).write_text("other" if name == "z.txt" else "page")
    result = read_all(tmp_path / "z.txt", tmp_path / "c.txt", tmp_path, tmp_path / "*.txt")
    dumps = result.plan.dumps
    assert [Path(uri).name for uri in dumps["uri"]] == ["a.txt", "b.txt", "c.txt", "z.txt"]
    assert dumps["status"].to_list() == ["new", "skipped", "skipped", "new"]
    assert dumps["problem"][1] == f"the same bytes as {tmp_path / 'a.txt'}"
    assert dumps["dump_id"].to_list()[0] == hash_bytes(b"page")
    assert dumps["sha256"].str.len_chars().unique().to_list() == [64]
    assert result.records.height == 2


def test_published_dumps_are_skipped(tmp_path: Path, read_all: ReadAll) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "b.txt").write_text("new")
    asked: list[str] = []

    def known(dump_ids: Sequence[str]) -> set[str]:
        asked.extend(dump_ids)
        return {hash_bytes(b"old")}

    result = read_all(tmp_path, known=known)
    assert sorted(asked) == sorted([hash_bytes(b"old"), hash_bytes(b"new")])
    assert result.plan.dumps["status"].to_list() == ["skipped", "new"]
    assert result.records["text"].to_list() == ["new"]
    nothing = read_all(tmp_path, known=lambda dump_ids: set(dump_ids))
    assert nothing.plan.n_chunks == 0


def test_the_plan_does_not_depend_on_the_order_of_inputs(tmp_path: Path, read_all: ReadAll) -> None:
    for number in range(20):
        folder = tmp_path / "in" / str(number % 3)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(f"page {number}")
    folders = sorted((tmp_path / "in").iterdir())
    limits = Limits(chunk_files=7)
    plan = pl.read_parquet(read_all(*folders, limits=limits).plan.path)
    again = pl.read_parquet(read_all(*folders[::-1], limits=limits).plan.path)
    assert plan.equals(again)
    assert plan["chunk_no"].to_list() == [0] * 7 + [1] * 7 + [2] * 6


def test_a_file_that_changed_after_it_was_hashed_fails(
    tmp_path: Path, read_all: ReadAll, fields: Any
) -> None:
    from marsad.dumps.read import read_chunk

    (tmp_path / "a.jsonl").write_text('{"text": "one"}')
    (tmp_path / "b.txt").write_text("page")
    plan = read_all(tmp_path).plan
    (tmp_path / "a.jsonl").write_text('{"text": "one more"}')
    (tmp_path / "b.txt").unlink()
    (batch,) = read_chunk(plan.path, 0, limits=Limits(), fields=fields)
    changed, gone = batch.counts.sort(pl.col("error").str.contains("b.txt"))["error"]
    assert "a.jsonl: changed: the file has changed" in changed
    assert "b.txt: unreadable: No such file" in gone


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("/dumps/2015-07-21.zip", (2015, 7, 21)),
        ("/dumps/news_20150721.jsonl.gz", (2015, 7, 21)),
        ("/dumps/2015/07/21/part-0001.txt", (2015, 7, 21)),
        ("/backup-2020-01-01/2015-07-21.zip", (2015, 7, 21)),
        ("/dumps/2015-13-41.zip", None),
        ("/dumps/1201507219.zip", None),
        ("/dumps/2015-0721.zip", None),
        ("/dumps/a.zip", None),
    ],
)
def test_the_date_in_a_path(path: str, date: tuple[int, int, int] | None) -> None:
    assert date_in(path) == (None if date is None else datetime(*date, tzinfo=UTC))


def test_where_the_date_of_observation_comes_from(
    tmp_path: Path, read_all: ReadAll, pack_zip: Callable[[dict[str, bytes]], bytes]
) -> None:
    (tmp_path / "a.txt").write_text("a")
    os.utime(tmp_path / "a.txt", (1437400000, 1437400000))
    (tmp_path / "b-2015-07-23.zip").write_bytes(
        pack_zip(
            {"x.txt": b"x", "2015-07-22/y.txt": b"y", "2015-07-21.zip": pack_zip({"z.txt": b"z"})}
        )
    )
    dates = read_all(tmp_path).records.sort("text")["observed_default"].to_list()
    assert dates == [
        datetime(2015, 7, 20, 13, 46, 40, tzinfo=UTC),
        datetime(2015, 7, 23, tzinfo=UTC),
        datetime(2015, 7, 22, tzinfo=UTC),
        datetime(2015, 7, 21, tzinfo=UTC),
    ]
    given = datetime(2016, 1, 1, tzinfo=UTC)
    assert read_all(tmp_path, observed=given).records["observed_default"].unique().to_list() == [
        given
    ]


def test_a_file_name_that_is_not_utf_8(tmp_path: Path, read_all: ReadAll) -> None:
    name = os.fsencode(str(tmp_path)) + b"/caf\xe9.txt"
    try:
        with open(name, "wb") as file:  # noqa: PTH123 - a Path cannot be built from bytes
            file.write(b"page")
    except OSError:
        pytest.skip("the file system takes no such name")
    result = read_all(tmp_path)
    assert result.records["text"].to_list() == ["page"]
    assert result.plan.dumps["uri"][0].startswith("file://")
    assert read_all(result.plan.dumps["uri"][0]).records.height == 1

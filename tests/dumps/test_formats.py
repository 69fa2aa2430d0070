"""Every format, alone and packed in every way, gives the same records with exact places."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import Parsed, parse_objects
from marsad.dumps.lines import RawRecord
from marsad.dumps.raw import Raw
from marsad.dumps.read import fetch_raw
from marsad.settings import Limits

ReadAll = Callable[..., Any]
Pack = Callable[[str, str, bytes], bytes]

#: Ways to pack a file, as `pack` in conftest.py knows them; `+`: in two members or frames.
PACKINGS = (
    "", ".gz", ".gz+", ".zst", ".zst+", ".bz2", ".xz", ".zip", ".tar", ".tar.gz", ".tar.zst",
    ".gz.zip", ".zip.zip", ".tar.zip", ".zip.tar.gz",
)  # fmt: skip

# "First news", "a text of two paragraphs"
RECORDS = [
    {
        "title": f"الخبر {number}",
        "content": f'فقرة أولى, "{number}"\n\nفقرة ثانية }},{{ [x]',
        "source": "وكالة",
        "url": f"http://example.com/{number}",
        "date_extracted": "2015-07-21 02:51:32",
    }
    for number in range(1, 24)
]


def _csv(delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(RECORDS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(RECORDS)
    return text.getvalue().encode()


def _parquet() -> bytes:
    data = io.BytesIO()
    pl.DataFrame(RECORDS).write_parquet(data, row_group_size=7)
    return data.getvalue()


def _lines(**options: object) -> bytes:
    return b"".join(json.dumps(row, **options).encode() + b"\n" for row in RECORDS)  # type: ignore[arg-type]


CONTENT = {
    "a.jsonl": _lines(ensure_ascii=False),
    "escaped.ndjson": _lines(),
    "lines.json": _lines(ensure_ascii=False, indent=None, separators=(", ", ":")),
    "array.json": json.dumps(RECORDS, ensure_ascii=False).encode(),
    "pretty.json": json.dumps(RECORDS, ensure_ascii=False, indent=4).encode(),
    "values.json": "\n".join(json.dumps(row, indent=1) for row in RECORDS).encode(),
    "table.csv": _csv(","),
    "semicolons.csv": _csv(";"),
    "table.tsv": _csv("\t"),
    "table.parquet": _parquet(),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", CONTENT)
def test_every_format_in_every_packing(
    name: str, packing: str, tmp_path: Path, read_all: ReadAll, pack: Pack
) -> None:
    path = tmp_path / f"{name}{packing.rstrip('+')}"
    path.write_bytes(pack(packing, name, CONTENT[name]))
    result = read_all(path)
    assert not result.errors
    assert not result.rejects.height
    records = result.records
    assert records["text"].to_list() == [row["content"] for row in RECORDS]
    assert records["title"].to_list() == [row["title"] for row in RECORDS]
    assert records["observed_raw"].to_list() == [row["date_extracted"] for row in RECORDS]
    assert records["record_no"].to_list() == list(range(1, len(RECORDS) + 1))
    assert records["kind"].unique().to_list() == ["article"]
    is_archive = any(archive in packing for archive in ("zip", "tar"))
    assert records["member"].is_null().all() != is_archive


@pytest.mark.parametrize("name", [name for name in CONTENT if name.endswith("json")])
def test_the_bytes_at_the_offset_are_the_record(
    name: str, tmp_path: Path, read_all: ReadAll
) -> None:
    data = CONTENT[name]
    (tmp_path / name).write_bytes(data)
    for row in read_all(tmp_path / name).records.iter_rows(named=True):
        value, _ = json.JSONDecoder().raw_decode(data[row["byte_offset"] :].decode())
        assert value["content"] == row["text"]


def test_csv_rows_start_at_their_offset(tmp_path: Path, read_all: ReadAll) -> None:
    data = CONTENT["table.csv"]
    (tmp_path / "a.csv").write_bytes(data)
    for row in read_all(tmp_path / "a.csv").records.iter_rows(named=True):
        cells = next(csv.reader(io.StringIO(data[row["byte_offset"] :].decode(), newline="")))
        assert cells[1] == row["text"]


@pytest.mark.parametrize("chunk_bytes", [1, 300, 2000, 10**9])
@pytest.mark.parametrize("name", CONTENT)
def test_chunks_of_any_size_give_the_same_records(
    name: str,
    chunk_bytes: int,
    tmp_path: Path,
    read_all: ReadAll,
    pack_zip: Callable[[dict[str, bytes]], bytes],
) -> None:
    (tmp_path / name).write_bytes(CONTENT[name])
    (tmp_path / "more.zip").write_bytes(
        pack_zip({"a.txt": b"a", "b.txt": b"b", name: CONTENT[name]})
    )
    whole = read_all(tmp_path / name, tmp_path / "more.zip")
    parts = read_all(tmp_path / name, tmp_path / "more.zip", limits=Limits(chunk_bytes=chunk_bytes))
    key = ["dump_id", "member", "record_no"]
    assert parts.records.sort(key).equals(whole.records.sort(key))
    if chunk_bytes == 1:
        assert parts.plan.n_chunks > whole.plan.n_chunks


@pytest.mark.parametrize("packing", ["", ".gz", ".zip", ".tar", ".tar.zst"])
@pytest.mark.parametrize("name", CONTENT)
def test_workers_share_what_cannot_be_cut(
    name: str,
    packing: str,
    tmp_path: Path,
    read_all: ReadAll,
    pack: Pack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("lines", "texts", "csv_rows", "parquet"):
        monkeypatch.setattr(f"marsad.dumps.{module}.BLOCK_BYTES", 200)
    monkeypatch.setattr("marsad.dumps.parquet._ROWS", 4)
    path = tmp_path / f"{name}{packing}"
    path.write_bytes(pack(packing, name, CONTENT[name]))
    whole = read_all(path)
    parts = read_all(path, limits=Limits(chunk_bytes=100), workers=3)
    assert parts.records.sort("record_no").equals(whole.records)
    assert (parts.counts["n_records"] > 0).sum() > 1


def test_who_reads_a_share_parses_no_other(
    tmp_path: Path, read_all: ReadAll, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = 0

    def counted(records: list[RawRecord], fields: FieldMap) -> Parsed:
        nonlocal parsed
        parsed += len(records)
        return parse_objects(records, fields)

    monkeypatch.setattr("marsad.dumps.texts.parse_objects", counted)
    monkeypatch.setattr("marsad.dumps.texts._FEW", 0)
    monkeypatch.setattr("marsad.dumps.lines.BLOCK_BYTES", 200)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(pack(".gz", "a.jsonl", CONTENT["a.jsonl"]))
    found = read_all(path, limits=Limits(chunk_bytes=100), workers=3)
    assert (found.counts["n_records"] > 0).sum() > 1
    assert parsed == found.records.height


def test_a_share_is_for_who_would_idle(tmp_path: Path, read_all: ReadAll) -> None:
    for name, data in {
        "one.json": CONTENT["array.json"],
        "small.json": b'[{"text": "small"}]',
        "two.json": CONTENT["array.json"] + b" ",
    }.items():
        (tmp_path / name).write_bytes(data)

    def shares(workers: int) -> list[int]:
        plan = pl.read_parquet(read_all(tmp_path, limits=limits, workers=workers).plan.path)
        return plan.group_by("uri").agg(pl.len()).sort("uri")["len"].to_list()

    limits = Limits(chunk_bytes=500)
    assert [shares(workers) for workers in (1, 2, 4, 64)] == [
        [1, 1, 1],
        [1, 1, 1],
        [2, 1, 2],
        [4, 1, 4],
    ]


def test_raw_is_read_again(
    tmp_path: Path, read_all: ReadAll, pack_tar: Callable[[dict[str, bytes]], bytes]
) -> None:
    for name, data in CONTENT.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "a.tar").write_bytes(
        pack_tar({"x.txt": b"no", "y/pretty.json": CONTENT["pretty.json"]})
    )
    (tmp_path / "page.txt").write_bytes("خبر".encode("utf-16"))  # news
    limits = Limits(chunk_bytes=500)
    plan = read_all(tmp_path, limits=limits).plan

    def fetch(name: str, numbers: list[int], member: str | None = None) -> dict[int, Raw]:
        return fetch_raw(plan.path, str(tmp_path / name), member, numbers, limits=limits)

    for name in CONTENT:
        raws = fetch(name, [2, 21, 99])
        assert sorted(raws) == [2, 21]
        assert "الخبر 21" in raws[21].text or "\\u0627" in raws[21].text
        assert raws[2].form == ("object" if "js" in name else None), name
    assert json.loads(fetch("a.tar", [3], "y/pretty.json")[3].text) == RECORDS[2]
    assert fetch("page.txt", [1]) == {1: ("خبر", "page")}


@pytest.mark.parametrize("encoding", ["cp1256", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.jsonl", "pretty.json", "table.csv", "page.txt"])
def test_other_encodings_are_decoded_with_places_in_the_original(
    name: str, encoding: str, tmp_path: Path, read_all: ReadAll
) -> None:
    page = (
        "أعلنت السلطات يوم الأحد استئناف المفاوضات\nمع الولايات المتحدة بشأن مستقبل التحالف\n" * 3
    )
    text = page if name == "page.txt" else CONTENT[name].decode()
    data = text.encode(encoding)
    (tmp_path / name).write_bytes(data)
    records = read_all(tmp_path / name).records
    if name == "page.txt":
        assert records["text"].to_list() == [page]
        return
    assert records["text"].to_list() == [row["content"] for row in RECORDS]
    wide = encoding.removesuffix("-sig") if encoding != "utf-16" else "utf-16-le"
    starts = {"a.jsonl": '{"title', "pretty.json": '{\n        "title', "table.csv": "الخبر"}
    for offset in records["byte_offset"].to_list():
        assert data[offset:].decode(wide, "replace").startswith(starts[name])


def test_a_fineweb_table_is_pages_and_its_date_that_of_the_crawl(
    tmp_path: Path, read_all: ReadAll
) -> None:
    row = {
        "text": "صفحة",  # a page
        "id": "<urn:uuid:1>",
        "dump": "CC-MAIN-2015-32",
        "url": "http://example.com",
        "date": datetime(2015, 8, 1, 10, tzinfo=UTC),
        "file_path": "s3://a",
        "language": "arb",
    }
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")
    record = read_all(tmp_path / "a.parquet").records.row(0, named=True)
    assert (record["kind"], record["text"]) == ("page", "صفحة")
    assert record["observed_raw"].startswith("2015-08-01 10:00:00")
    assert record["published_raw"] is None
    assert record["byte_offset"] is None


@pytest.mark.parametrize("name", ["lines.jsonl", "rows.parquet"])
def test_a_record_is_as_long_as_its_bytes_in_every_format(
    tmp_path: Path, read_all: ReadAll, name: str
) -> None:
    rows = [{"text": "ش" * 400}, {"text": "ش" * 600}]  # two bytes each
    path = tmp_path / name
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    else:
        pl.DataFrame(rows).write_parquet(path)
    read = read_all(path, limits=Limits(record_bytes=1000))
    assert read.records["text"].to_list() == ["ش" * 400]
    assert read.rejects["rule"].to_list() == ["record_too_large"]


def test_a_name_is_no_pattern_and_no_sql(tmp_path: Path, read_all: ReadAll) -> None:
    for name in ("a'b", "a*b", "[ab]", 'a"b;--', "خبر {x}?"):  # news
        (tmp_path / f"{name}.parquet").write_bytes(CONTENT["table.parquet"] + b"")
        (tmp_path / f"{name}.txt").write_text(name)
    result = read_all(tmp_path)
    assert not result.plan.problems
    assert not result.errors
    assert result.records.height == len(RECORDS) + 5


@pytest.mark.shared
def test_saudinewsnet_needs_no_configuration(shared: Path, read_all: ReadAll) -> None:
    result = read_all(shared / "corpora" / "saudinewsnet" / "*.zip")
    assert result.counts["n_records"].sum() == 6340
    assert set(result.rules) == {"no_text"}
    assert result.records["kind"].unique().to_list() == ["article"]
    assert result.records["observed_raw"].null_count() == 0
    dates = result.records["observed_default"].dt.date().unique().sort().cast(pl.String)
    assert dates.to_list() == ["2015-07-21", "2015-07-22", "2015-07-23"]

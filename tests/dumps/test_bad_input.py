"""Bad input is one kept reject or one clear line, and the rest of the night goes on."""

import base64
import gzip
import io
import json
import re
import tarfile
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from marsad.settings import Limits

ReadAll = Callable[..., Any]
PackZip = Callable[[dict[str, bytes]], bytes]
PackTar = Callable[..., bytes]

GOOD = b'{"text": "good"}'


def _problems(result: Any) -> list[tuple[str, str]]:
    return [(problem.rule, Path(problem.uri).name) for problem in result.plan.problems]


def test_missing_paths_and_empty_folders_are_said(tmp_path: Path, read_all: ReadAll) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("page")
    result = read_all(
        tmp_path / "none", tmp_path / "empty", tmp_path / "*.zip", tmp_path / "a.txt", "gs://b/c"
    )
    assert sorted(_problems(result)) == [
        ("empty_folder", "empty"),
        ("missing", "*.zip"),
        ("missing", "none"),
        ("unsupported_location", "c"),
    ]
    assert result.records["text"].to_list() == ["page"]


def test_unknown_kinds_are_said_and_housekeeping_is_passed_over(
    tmp_path: Path, read_all: ReadAll
) -> None:
    for name in ("a.pdf", "SOURCE.md", ".DS_Store", "_SUCCESS", "page.txt"):
        (tmp_path / name).write_bytes(b"something of " + name.encode())
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "x.txt").write_bytes(b"x")
    result = read_all(tmp_path)
    assert _problems(result) == [("unknown_format", "SOURCE.md"), ("unknown_format", "a.pdf")]
    assert result.records["text"].to_list() == ["something of page.txt"]
    assert result.plan.dumps.height == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.jsonl.gz", gzip.compress(GOOD * 999)[:-20], id="gzip-cut"),
        pytest.param("a.jsonl.gz", b"", id="gzip-empty"),
        pytest.param("a.jsonl.gz", gzip.compress(GOOD) + b"junk and more", id="gzip-and-junk"),
        pytest.param("a.zip", b"PK\x03\x04" + b"x" * 99, id="zip-cut"),
        pytest.param("a.zip", b"", id="zip-empty"),
        pytest.param("a.tar", b"x" * 2000, id="tar-garbage"),
        pytest.param("a.parquet", b"PAR1" + b"x" * 99, id="parquet-damaged"),
        pytest.param("a.csv", b"a,b\n1,2\n", id="csv-without-text"),
    ],
)
def test_a_damaged_file_fails_alone_with_one_line(
    name: str, data: bytes, tmp_path: Path, read_all: ReadAll
) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z.txt").write_text("page")
    result = read_all(tmp_path)
    assert result.records.filter(text="page").height == 1
    failed = result.plan.dumps.filter(status="failed")["problem"].to_list()
    (line,) = result.errors + failed
    assert "\n" not in line
    if not failed:
        assert line.startswith(str(tmp_path / name))


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".bz2", ".xz", ".tar", ".tar.gz", ".zip"])
def test_a_file_cut_anywhere_is_noticed(
    suffix: str, tmp_path: Path, read_all: ReadAll, pack: Callable[[str, str, bytes], bytes]
) -> None:
    data = pack(suffix, "a.jsonl", b"\n".join([GOOD] * 50))
    for length in sorted({1, 3, 10, 30, 100, 512, 600, 1024, len(data) // 2, len(data) - 1}):
        if length >= len(data) or (suffix == ".tar" and length > 1536):
            continue
        path = tmp_path / f"{length}.jsonl{suffix}"
        path.write_bytes(data[:length])
    if suffix == ".tar":  # between the member and the closing blocks
        (tmp_path / "x.tar").write_bytes(data[:1536])
    result = read_all(tmp_path)
    failed = result.plan.dumps.filter(status="failed")["dump_id"].to_list()
    failed += result.counts.filter(pl.col("error").is_not_null())["dump_id"].to_list()
    assert sorted(set(failed)) == sorted(result.plan.dumps["dump_id"])


def test_invalid_json_on_line_7_of_10(tmp_path: Path, read_all: ReadAll) -> None:
    lines = [json.dumps({"text": f"page {number}"}).encode() for number in range(1, 11)]
    lines[6] = b'{"text": "page 7'
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    result = read_all(tmp_path)
    assert result.records["record_no"].to_list() == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    reject = result.rejects.row(0, named=True)
    assert (reject["rule"], reject["record_no"], reject["raw"]) == (
        "invalid_json",
        7,
        '{"text": "page 7',
    )
    assert reject["byte_offset"] == sum(len(line) + 1 for line in lines[:6])


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"{}", "no_text"),
        (b'{"text": ""}', "no_text"),
        (b'{"text": " \\n", "content": null, "title": "t"}', "no_text"),
        (b'{"text": "\\u0000"}', "no_text"),
        (b'{"text": "x"} {"text": "y"}', "invalid_json"),
        (b'{"text": "a\tb"}', "invalid_json"),
        (b'{"text": "\xff\xfe"}', "not_text"),
        (b"\0\0\0", "invalid_json"),
        (b'{"text": ' + b"[" * 100_000, "invalid_json"),
        (b'{"a": ' + b'{"b":' * 5000 + b"1" + b"}" * 5000 + b"}", "invalid_json"),
    ],
)
def test_a_bad_line_is_a_reject_with_its_rule(
    line: bytes, rule: str, tmp_path: Path, read_all: ReadAll
) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD + b"\n\n" + line + b"\r\n" + GOOD)
    result = read_all(tmp_path)
    assert result.records["record_no"].to_list() == [1, 4]
    (reject,) = result.rejects.iter_rows(named=True)
    assert (reject["rule"], reject["record_no"], reject["byte_offset"]) == (rule, 3, 18)
    raw = reject["raw"]
    kept = base64.b64decode(raw) if reject["raw_encoding"] == "base64" else raw.encode()
    assert (line + b"\r").startswith(kept)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"half \\ud800 pair"', "half \ufffd pair"),
        ('"a whole \\ud83d\\ude00"', "a whole \U0001f600"),
        ('"NUL\\u0000s"', "NULs"),
        ('["one", "two"]', "one\n\ntwo"),
        ('{"name": "n", "x": 1}', "n"),
        ('{"x": [1, {"y": null}]}', '{"x": ["1", {"y": null}]}'),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1.50", "1.50"),
        ("true", "true"),
        ('"[1, 2]"', "[1, 2]"),
    ],
)
def test_odd_values_become_text(value: str, text: str, tmp_path: Path, read_all: ReadAll) -> None:
    record = f'{{"text": {value}, "author": NaN, "text": "again"}}'
    plain = f'{{"text": {value}, "text": "again"}}'
    (tmp_path / "a.jsonl").write_text(f"{record}\n{plain}\n")
    (tmp_path / "b.json").write_text(f"[{plain},\n{plain}]")
    assert read_all(tmp_path).records["text"].to_list() == [text] * 4


def test_names_in_any_case_and_nested_keywords(tmp_path: Path, read_all: ReadAll) -> None:
    record = {"  TeXt ": "t", "Tags": ["a", {"name": "b"}, None], "AUTHOR": [{"name": "c"}, "d"]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    row = read_all(tmp_path).records.row(0, named=True)
    assert (row["text"], row["keywords"], row["author"]) == ("t", "a\nb", "c, d")


@pytest.mark.parametrize(
    ("data", "rule"),
    [(b"", "empty_page"), (b" \n\t", "empty_page"), (b"\0" * 5000, "not_text")],
)
def test_pages_without_text(data: bytes, rule: str, tmp_path: Path, read_all: ReadAll) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    (tmp_path / "b.txt").write_bytes(b"page \0 with a NUL")
    result = read_all(tmp_path)
    assert result.rules == [rule]
    assert result.records["text"].to_list() == ["page  with a NUL"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json", "a.csv", "a.txt"])
def test_a_line_of_200_mb_is_a_reject_in_bounded_memory(
    name: str, tmp_path: Path, read_all: ReadAll
) -> None:
    start, end = {"a.json": (b"[", b"]"), "a.csv": (b"text\n", b"")}.get(name, (b"", b""))
    joint = b",\n" if name == "a.json" else b"\n"
    good = b"good" if name == "a.csv" else GOOD
    opener = gzip.open if name.endswith("gz") else open
    with opener(tmp_path / name, "wb") as file:
        file.write(start + good + joint if name != "a.txt" else b"")
        file.write(b'{"text": "')
        for _ in range(200):
            file.write(b"x" * 2**20)
        file.write(b'"}' if name == "a.txt" else b'"}' + joint + good + end)
    limits = Limits(record_bytes=2**20, raw_bytes=1000)
    tracemalloc.start()
    result = read_all(tmp_path, limits=limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20
    (reject,) = result.rejects.iter_rows(named=True)
    assert reject["rule"] == "record_too_large"
    assert re.search(r"2097152\d\d bytes; its first 1000 bytes are kept", reject["detail"])
    assert len(reject["raw"]) == 1000
    assert result.records["record_no"].to_list() == ([] if name == "a.txt" else [1, 3])


@pytest.mark.parametrize(
    ("array", "good", "rules"),
    [
        pytest.param(b'[{"text": "1"}, {"text": "2" "x"}, {"text": "3"}]', "13", 1, id="no-comma"),
        pytest.param(b'[{"text": "1"}, {"text": "2}, {"text": "3"}]', "13", 1, id="open-string"),
        pytest.param(b'[{"text": "1"}, {"text": [2}, {"text": "3"}]', "13", 1, id="open-list"),
        pytest.param(b'[{"text": "1"}, 5, null, {"text": "3"}]', "13", 2, id="no-objects"),
        pytest.param(b'[{"text": "1"}, {"text": "3"}', "13", 1, id="not-closed"),
        pytest.param(b'[{"text": "1"}, {"text": "3"}, {"te', "13", 2, id="cut"),
        pytest.param(b'[{"text": "1"}, {"text": "3"}] <html>', "13", 1, id="text-after-it"),
        pytest.param(b'[{"text": "1"}, {"a": [{"b": 1}, {"text": "no"}], "text": "3"}]', "13", 0),
        pytest.param(b'[{"text": "1"}, {"a": "},{", "text": "3"}]', "13", 0, id="seam-in-text"),
        pytest.param(b'[{"text": "1"}][{"text": "3"}]', "13", 0, id="two-arrays"),
        pytest.param(b"[]", "", 0, id="empty"),
        pytest.param(b"<html></html>", "", 1, id="html"),
        pytest.param(b"", "", 1, id="nothing"),
        pytest.param(b'{"text": "1"}', "1", 0, id="one-object"),
    ],
)
@pytest.mark.parametrize("padding", [0, 5 * 2**20])
def test_one_bad_element_does_not_lose_the_others(
    array: bytes, good: str, rules: int, padding: int, tmp_path: Path, read_all: ReadAll
) -> None:
    data = array.replace(b", ", b", " + b" " * padding, 1)
    (tmp_path / "a.json").write_bytes(data)
    result = read_all(tmp_path)
    assert "".join(result.records["text"]) == good
    assert len(result.rules) == rules
    assert not result.errors


def test_csv_rows_that_do_not_fit(tmp_path: Path, read_all: ReadAll) -> None:
    data = b'id,text\n1,one\n2,two,more\n\n3,"th\nree"\n4\n5,\xff\n6,"open\n7,seven'
    (tmp_path / "a.csv").write_bytes(data)
    result = read_all(tmp_path)
    assert result.records["text"].to_list() == ["one", "th\nree"]
    assert result.rules == ["ragged_row", "no_text", "not_text", "invalid_csv"]


def test_archives_that_attack(
    tmp_path: Path, read_all: ReadAll, pack_zip: PackZip, pack_tar: PackTar
) -> None:
    bomb = pack_zip({"a.txt": b"0" * 30_000_000})
    (tmp_path / "bomb.zip").write_bytes(bomb)
    (tmp_path / "nested.zip").write_bytes(pack_zip({"b.zip": bomb}))
    deep = pack_zip({"x.txt": b"deep"})
    for _ in range(3):
        deep = pack_zip({"in.zip": deep})
    (tmp_path / "deep.zip").write_bytes(deep)
    (tmp_path / "many.tar").write_bytes(pack_tar({f"{n}.txt": b"x" for n in range(30)}))
    (tmp_path / "many.zip").write_bytes(pack_zip({f"{n}.txt": b"x" for n in range(30)}))
    (tmp_path / "bomb.jsonl.gz").write_bytes(gzip.compress(b"\n" * 30_000_000))
    limits = Limits(expansion=10, expansion_free=2**20, members=20)
    result = read_all(tmp_path, limits=limits)
    failed = result.plan.dumps.filter(status="failed")["problem"].to_list()
    lines = " ".join([*failed, *result.errors])
    assert lines.count("too_expansive") == 3
    assert lines.count("too_many_members") == 2
    assert lines.count("nested_too_deeply") == 1


def test_members_stay_in_the_archive_and_links_are_said(tmp_path: Path, read_all: ReadAll) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name in ("../../escape.txt", "/etc/passwd.txt", "a\nb.txt", "same.txt", "same.txt"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"page"))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        device = tarfile.TarInfo("null.txt")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    (tmp_path / "a.tar").write_bytes(data.getvalue())
    result = read_all(tmp_path)
    assert result.records["member"].to_list() == [
        "../../escape.txt",
        "/etc/passwd.txt",
        "a\ufffdb.txt",
        "same.txt",
        "same.txt#2",
    ]
    assert result.rules == ["no_file", "no_file"]
    assert not (tmp_path.parent.parent / "escape.txt").exists()


def test_a_second_member_of_one_name_is_read_as_the_first(
    tmp_path: Path, read_all: ReadAll
) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for number in (1, 2):
            file.writestr("rows.csv", f"title,content\nt{number},text {number}\n")
            file.writestr("paper.pdf", b"%PDF")
    result = read_all(tmp_path)
    assert result.records.select("member", "title", "text").rows() == [
        ("rows.csv", "t1", "text 1"),
        ("rows.csv#2", "t2", "text 2"),
    ]
    assert result.rules == ["unknown_format", "unknown_format"]


def test_an_encrypted_or_damaged_member_fails_the_dump(
    tmp_path: Path, read_all: ReadAll, pack_zip: PackZip
) -> None:
    data = bytearray(pack_zip({"a.txt": b"page" * 100}))
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    (tmp_path / "encrypted.zip").write_bytes(data)
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("a.jsonl", GOOD)
    (tmp_path / "crc.zip").write_bytes(stored.getvalue().replace(b"good", b"evil", 1))
    lines = sorted(read_all(tmp_path).errors)
    assert "crc.zip!a.jsonl: corrupt" in lines[0]
    assert "encrypted.zip: encrypted" in lines[1]


def test_a_hostile_array_does_not_hang(tmp_path: Path, read_all: ReadAll) -> None:
    (tmp_path / "broken.json").write_bytes(b"[" + b'{"text": "x" 1},' * 20_000 + b"]")
    (tmp_path / "deep.json").write_bytes(b"[" * 3_000_000)
    (tmp_path / "quotes.json").write_bytes(b'[{"a": ' + b'"' * 300_001 + b"}]")
    (tmp_path / "bad.jsonl").write_bytes(b'{"text": NaN, "a" }\n' * 50_000)
    (tmp_path / "quotes.csv").write_bytes(b'text\n"' + b'a"b,\n' * 100_000)
    start = time.process_time()
    result = read_all(tmp_path, limits=Limits(record_bytes=2**20))
    assert time.process_time() - start < 20
    assert not result.errors

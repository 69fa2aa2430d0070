"""Archives made to harm: each costs little, and nothing leaves the folder or gets lost."""

import gzip
import io
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marsad.errors import ConfigError
from marsad.settings import Limits, load_settings

ReadAll = Callable[..., Any]
PackZip = Callable[[dict[str, bytes]], bytes]
PackTar = Callable[..., bytes]

GOOD = b'{"text": "good"}\n'
BOUNDED = Limits(expansion=20, expansion_free=4 * 2**20, members=1000)


def _lines(result: Any) -> list[str]:
    """What is told of failed dumps, each in one line."""
    planned = result.plan.dumps.filter(status="failed")["problem"].to_list()
    lines = [*result.errors, *planned]
    assert not [line for line in lines if "\n" in line]
    return lines


def _nested(levels: int, width: int) -> bytes:
    """A zip of zips of … of zeros: `width` to the power of `levels` times ten megabytes."""
    data = zlib_zip({f"{n}.jsonl": b"0" * 10**7 for n in range(width)})
    for _ in range(levels - 1):
        data = zlib_zip({f"{n}.zip": data for n in range(width)})
    return data


def zlib_zip(members: dict[str, bytes]) -> bytes:
    """Pack as small as zlib can."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _gzip_in_gzip() -> bytes:
    data = gzip.compress(b"\n" * 2 * 10**7)
    for _ in range(3):
        data = gzip.compress(data)
    return data


def _overlapping_zip() -> bytes:
    """A zip whose directory names the same compressed bytes a thousand times."""
    data = b"\n" * 10**6
    once = zlib_zip({"a.jsonl": data})
    start = once.index(b"PK\x01\x02")
    entry = bytearray(once[start : once.index(b"PK\x05\x06")])
    n_entries = 900
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, n_entries, n_entries, len(entry) * n_entries, start, 0
    )
    return once[:start] + bytes(entry) * n_entries + end


BOMBS = {
    "flat.zip": lambda: zlib_zip({"a.jsonl": b"\n" * 2 * 10**7}),
    "flat.jsonl.gz": lambda: gzip.compress(b"\n" * 2 * 10**7),
    "flat.tar.gz": lambda: gzip.compress(_tar([("a.jsonl", b"\n" * 2 * 10**7)])),
    "one_line.jsonl.gz": lambda: gzip.compress(b"x" * 2 * 10**7),
    "in_each_other.jsonl.gz": _gzip_in_gzip,
    "nested.zip": lambda: _nested(2, 10),
    "nested_deeper.zip": lambda: _nested(4, 3),
    "overlapping.zip": _overlapping_zip,
    "page.txt.gz": lambda: gzip.compress(b" " * 2 * 10**7),
    "table.csv.gz": lambda: gzip.compress(b"text\n" + b'"' + b"a" * 2 * 10**7),
    "array.json.gz": lambda: gzip.compress(b"[" * 2 * 10**7),
    "small_members.zip": lambda: zlib_zip({f"{n}.jsonl": b"\n" * 10**5 for n in range(900)}),
}


def _tar(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_fails_its_dump_in_bounded_memory_and_time(
    name: str, tmp_path: Path, read_all: ReadAll
) -> None:
    data = BOMBS[name]()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z.txt").write_text("page")
    del data
    began = time.process_time()
    tracemalloc.start()
    result = read_all(tmp_path, limits=BOUNDED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Tracing alone costs as much again.
    assert time.process_time() - began < 10
    assert peak < 150 * 2**20
    (line,) = _lines(result)
    assert "too_expansive" in line or "nested_too_deeply" in line
    assert result.records.filter(text="page").height == 1


def test_a_total_bounds_what_an_honest_ratio_would_allow(
    tmp_path: Path, read_all: ReadAll, pack_zip: PackZip
) -> None:
    (tmp_path / "a.zip").write_bytes(pack_zip({"a.jsonl": GOOD * 1000}))
    limits = Limits(total_bytes=10_000)
    (line,) = _lines(read_all(tmp_path, limits=limits))
    assert "too_expansive" in line


NAMES = [
    "../../escape.jsonl",
    "/tmp/absolute.jsonl",
    "C:\\windows\\x.jsonl",
    "a/../../../b.jsonl",
    "c:..\\back.jsonl",
    "'; drop table news.articles; --.jsonl",
    "<script>alert(1)</script>.jsonl",
    "=HYPERLINK(1).jsonl",
    "a\nb\x1b[31m.jsonl",
    "\u202egpj.jsonl",
    "a" * 3000 + ".jsonl",
]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_are_only_names(kind: str, tmp_path: Path, read_all: ReadAll) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    data = (
        zlib_zip(dict.fromkeys(NAMES, GOOD))
        if kind == "zip"
        else _tar([(name, GOOD) for name in NAMES])
    )
    (folder / f"a.{kind}").write_bytes(data)
    before = set(tmp_path.rglob("*"))
    result = read_all(folder)
    assert _lines(result) == []
    assert result.records.height == len(NAMES)
    assert result.records["member"].n_unique() == len(NAMES)
    assert not result.records["member"].str.contains(r"[\x00-\x1f\u202e]").any()
    assert {path for path in tmp_path.rglob("*") if "staging" not in path.parts} == before
    assert not Path("/tmp/absolute.jsonl").exists()


def test_a_tar_of_links_and_devices_is_rejects(tmp_path: Path, read_all: ReadAll) -> None:
    out = io.BytesIO()
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, kind in enumerate(kinds):
            info = tarfile.TarInfo(f"{number}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        good = tarfile.TarInfo("good.jsonl")
        good.size = len(GOOD)
        archive.addfile(good, io.BytesIO(GOOD))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    result = read_all(tmp_path)
    assert result.rules == ["no_file"] * len(kinds)
    assert result.records["text"].to_list() == ["good"]
    assert "root:" not in "".join(result.rejects["raw"].drop_nulls())


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_duplicate_members_are_each_read(kind: str, tmp_path: Path, read_all: ReadAll) -> None:
    if kind == "tar":
        data = _tar([("a.jsonl", GOOD)] * 3)
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
            for _ in range(3):
                archive.writestr("a.jsonl", GOOD)
        data = out.getvalue()
    (tmp_path / f"a.{kind}").write_bytes(data)
    result = read_all(tmp_path)
    assert result.records["member"].to_list() == ["a.jsonl", "a.jsonl#2", "a.jsonl#3"]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_100_000_members_are_read_or_refused(kind: str, tmp_path: Path, read_all: ReadAll) -> None:
    members = [(f"{number}.jsonl", GOOD) for number in range(100_000)]
    data = zlib_zip(dict(members)) if kind == "zip" else _tar(members)
    archive = tmp_path / f"a.{kind}"
    archive.write_bytes(data)
    began = time.process_time()
    (line,) = _lines(read_all(archive, limits=BOUNDED))
    assert "too_many_members" in line
    assert time.process_time() - began < 10
    result = read_all(archive)
    assert (result.records.height, _lines(result)) == (100_000, [])


#: Where the header of a member and its entry in the directory say these, in bytes from their start.
SUM, PACKED_SIZE, SIZE = (14, 16), (18, 20), (22, 24)


def _zip_that_lies(
    said: int, of: tuple[int, int] = SIZE, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A member of which header and directory say another size, or sum, than it has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.jsonl", GOOD * 100)
    data = bytearray(out.getvalue())
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, of[0], said)
    struct.pack_into("<L", data, directory + of[1], said)
    return bytes(data)


def _zip_with_a_changed_byte() -> bytes:
    data = bytearray(_zip_that_lies(len(GOOD) * 100))
    data[len("a.jsonl") + 30 + 20] ^= 0xFF
    return bytes(data)


def _tar_that_lies(field: bytes) -> bytes:
    """A member whose header says another size, with the checksum that belongs to it."""
    data = bytearray(_tar([("a.jsonl", GOOD * 100)]))
    data[124:136] = field
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def _gzip_that_lies() -> bytes:
    packed = gzip.compress(GOOD * 100)
    return packed[:-4] + struct.pack("<L", 7)


LIES = {
    "less.zip": lambda: _zip_that_lies(10),
    "four_gigabytes.zip": lambda: _zip_that_lies(2**32 - 2),
    "crc.zip": lambda: _zip_that_lies(7, SUM),
    "crc_of_stored.zip": lambda: _zip_that_lies(7, SUM, zipfile.ZIP_STORED),
    "crc_of_bzip2.zip": lambda: _zip_that_lies(7, SUM, zipfile.ZIP_BZIP2),
    "packed_less.zip": lambda: _zip_that_lies(20, PACKED_SIZE),
    "changed.zip": _zip_with_a_changed_byte,
    "less.tar": lambda: _tar_that_lies(b"00000000012\0"),
    "more.tar": lambda: _tar_that_lies(b"00077777777\0"),
    "negative.tar": lambda: _tar_that_lies(b"\xff" * 12),
    "exabytes.tar": lambda: _tar_that_lies(b"\x80" + b"\x7f" * 11),
    "no_number.tar": lambda: _tar_that_lies(b"-0000000012\0"),
    "length.jsonl.gz": _gzip_that_lies,
    "crc.jsonl.gz": lambda: (
        gzip.compress(GOOD * 100)[:-8] + struct.pack("<2L", zlib.crc32(b"x"), len(GOOD) * 100)
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_header_that_lies_about_a_size_fails_the_dump(
    name: str, tmp_path: Path, read_all: ReadAll
) -> None:
    (tmp_path / name).write_bytes(LIES[name]())
    (line,) = _lines(read_all(tmp_path))
    assert any(rule in line for rule in ("corrupt", "truncated", "too_expansive"))


def test_a_zip_that_claims_a_little_more_loses_nothing(tmp_path: Path, read_all: ReadAll) -> None:
    (tmp_path / "a.zip").write_bytes(_zip_that_lies(10**6))
    assert read_all(tmp_path).records.height == 100


def test_an_encrypted_zip_in_a_zip_says_so(
    tmp_path: Path, read_all: ReadAll, pack_zip: PackZip
) -> None:
    inner = bytearray(pack_zip({"secret.txt": b"page" * 100}))
    inner[6] |= 1
    inner[inner.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(pack_zip({"inner.zip": bytes(inner)}))
    (line,) = _lines(read_all(tmp_path))
    assert "encrypted" in line and "secret.txt" in line


def test_the_bounds_come_from_the_environment() -> None:
    environ = {
        "MARSAD_MAX_EXPANSION": "9",
        "MARSAD_MAX_MEMBERS": "8",
        "MARSAD_MAX_DEPTH": "1",
        "MARSAD_MAX_DUMP_MB": "7",
        "MARSAD_MAX_RECORD_MB": "2",
    }
    found = load_settings(environ=environ).limits
    assert (found.expansion, found.members, found.depth) == (9, 8, 1)
    assert (found.total_bytes, found.record_bytes) == (7 * 10**6, 2 * 10**6)
    with pytest.raises(ConfigError, match="MARSAD_MAX_DEPTH is '0'"):
        load_settings(environ={"MARSAD_MAX_DEPTH": "0"})

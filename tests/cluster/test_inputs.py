"""Dumps on S3 are read as they are from disk: the same records, facts, chunks and failures."""

import csv
import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest
from archives import pack_tar, pack_zip

from marsad.dumps.addresses import objects_of
from marsad.dumps.fields import FieldMap, load_fields
from marsad.dumps.plan import Plan, discover
from marsad.dumps.read import fetch_raw, read_chunk
from marsad.objects import ObjectFile, head_object, open_object, write_object
from marsad.settings import PROJECT_DIR, Limits

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("servers")]

LIMITS = Limits(chunk_bytes=20_000, chunk_files=3)


@pytest.fixture
def bucket(keys: str, tmp_path: Path) -> str:
    """The address of a folder of its own on the S3 server."""
    return f"s3://lake/{tmp_path.name}/[in] *é%20"


def _records(n: int) -> list[dict[str, str]]:
    # "The council decided on plan number {n} of the city today."
    body = "قرر المجلس اليوم الخطة رقم {n} للمدينة. "
    return [{"title": f"خطة {n}", "content": body.format(n=n) * 20} for n in range(n)]


def _lines(records: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records).encode()


def _table(records: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["title", "content"])
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def _parquet(records: list[dict[str, str]]) -> bytes:
    data = io.BytesIO()
    pl.DataFrame(records).write_parquet(data, row_group_size=50)
    return data.getvalue()


def dumps() -> dict[str, bytes]:
    """A dump of every format, and some that are broken, by name."""
    rows = _records(150)
    return {
        "2024-11-18/a.jsonl": _lines(rows) + b'{"title": "cut\n',
        "2024-11-18/b.jsonl.gz": gzip.compress(_lines(_records(40))[:-3]),
        "2024-11-18/c.parquet": _parquet(_records(160)),
        "2024-11-18/d.csv": _table(_records(30)),
        "2024-11-18/e.zip": pack_zip({f"{n}.json": _lines(_records(n)) for n in range(1, 40)}),
        "2024-11-18/f.tar.gz": gzip.compress(
            pack_tar({"x.json": json.dumps(rows[:9]).encode(), "y.txt": b"page"})
        ),
        "2024-11-18/g.txt": "صفحة".encode(),  # page
        "2024-11-18/h.txt": b"",
        "2024-11-18/cut.zip": pack_zip({"a.txt": b"x" * 999})[:-30],
        "2024-11-18/cut.parquet": _parquet(rows)[:-9],
        "2024-11-18/_SUCCESS": b"",
    }


def _plan(inputs: list[str], folder: Path) -> Plan:
    return discover(
        inputs,
        limits=LIMITS,
        fields=_fields(),
        observed=None,
        known=lambda _: set(),
        plan_path=folder / "plan.parquet",
    )


def _fields() -> FieldMap:
    return load_fields([PROJECT_DIR / "data" / "reference" / "fields.csv"])


def _read(plan: Plan) -> list[pl.DataFrame]:
    """Everything that reading gives, less the names of files in its errors."""
    batches = [
        batch
        for number in range(plan.n_chunks)
        for batch in read_chunk(plan.path, number, limits=LIMITS, fields=_fields())
    ]
    frames = [pl.concat(frames) for frames in zip(*batches, strict=True)]
    frames[2] = frames[2].with_columns(pl.col("error").str.replace(r"^.*/", ""))
    return frames


def test_all_formats_read_from_s3_as_from_disk(bucket: str, tmp_path: Path) -> None:
    for name, data in dumps().items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        write_object(f"{bucket}/{name}", data)
    here, there = _plan([str(tmp_path / "in")], tmp_path / "1"), _plan([bucket], tmp_path / "2")
    name = pl.col("uri").str.replace(r"^.*/", "")
    assert there.dumps.with_columns(name).equals(here.dumps.with_columns(name))
    plans = [pl.read_parquet(plan.path) for plan in (here, there)]
    assert plans[1].drop("uri").equals(plans[0].drop("uri"))
    assert here.n_chunks > 12
    assert [(p.rule, p.detail) for p in there.problems] == [
        (p.rule, p.detail) for p in here.problems
    ]
    for one, other in zip(_read(there), _read(here), strict=True):
        assert one.equals(other)
    uri = f"{bucket}/2024-11-18/c.parquet"
    raw = fetch_raw(there.path, uri, None, [120], limits=LIMITS)
    assert json.loads(raw[120].text)["title"] == "خطة 119"


def test_an_address_names_an_object_a_folder_or_what_matches(bucket: str) -> None:
    names = ["a/1.txt", "a/b/2.txt", "a/b/.hidden", "a/_temporary/3.txt", "ab/4.txt", "a/c.csv"]
    for name in names:
        write_object(f"{bucket}/{name}", b"x")
    # What some programs make to stand for a folder.
    write_object(f"{bucket}/a/b", b"")

    def found(address: str) -> list[str]:
        return sorted(uri.removeprefix(bucket + "/") for uri in objects_of(bucket + address))

    assert found("/a/1.txt") == ["a/1.txt"]
    assert found("/a/b/.hidden") == ["a/b/.hidden"]
    assert found("/a") == found("/a/") == ["a/1.txt", "a/b/2.txt", "a/c.csv"]
    assert found("/a/*.txt") == ["a/1.txt"]
    assert found("/**/*.txt") == ["a/1.txt", "a/b/2.txt", "ab/4.txt"]
    assert found("/a?") == ["ab/4.txt"]
    assert found("/none") == found("/none*") == []


def test_an_object_that_changes_while_it_is_read_fails(bucket: str) -> None:
    uri = f"{bucket}/a.txt"
    write_object(uri, b"first" * 100)
    with open_object(uri) as file:
        assert file.seek(-5, io.SEEK_END) == 495
        assert file.read() == b"first"
        assert file.seek(0) == 0
    raw = ObjectFile(head_object(uri))
    write_object(uri, b"other" * 100)
    with pytest.raises(OSError, match="it was changed while it was read"):
        raw.read(5)

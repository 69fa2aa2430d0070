"""Properties: nothing is lost, and how a dump is cut or written changes no record."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marsad.dumps.context import Context
from marsad.dumps.csv_rows import read_csv
from marsad.dumps.elements import ElementCutter
from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import parse_all, parse_objects
from marsad.dumps.lines import LineCutter, RawRecord
from marsad.dumps.plan import discover
from marsad.dumps.read import read_chunk
from marsad.dumps.rejects import Origin
from marsad.settings import Limits

FIELDS = FieldMap({"text": ("text", 0), "title": ("title", 1), "وسوم": ("keywords", 2)})  # tags
ORIGIN = Origin("0" * 32, "x", None, datetime(2020, 1, 1, tzinfo=UTC))
ARABIC = st.text(st.sampled_from('ابتثجحخ "\\\n\t,;{}[]0aé😀\u200f\u0640'), max_size=40)
TEXT = ARABIC | st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
RECORD = st.dictionaries(st.sampled_from(["text", "title", "Title ", "وسوم", "x"]), JSON)
SLOW = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


TOKENS = (
    b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b" ", b'"text"', b"x", b"\xd8", b"\0",
    b"null", b"1", b"PK\x03\x04", b"\x1f\x8b\x08", b"(\xb5/\xfd", b"PAR1", b"\xff\xfe",
)  # fmt: skip


def _rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    """Rows without the keys that are null, since those depend on the neighbours."""
    return [
        {key: value for key, value in row.items() if value is not None}
        for row in frame.iter_rows(named=True)
    ]


@SLOW
@given(st.lists(RECORD | JSON, min_size=1, max_size=6), st.booleans())
def test_a_record_does_not_depend_on_its_neighbours(values: list[Any], ascii_only: bool) -> None:
    lines = [
        json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        for value in values
    ]
    records = [RawRecord(n, n, line, len(line)) for n, line in enumerate(lines, start=1)]
    together = parse_objects(records, FIELDS)
    apart = [parse_objects([record], FIELDS) for record in records]
    assert _rows(together.frame) == [row for parsed in apart for row in _rows(parsed.frame)]
    assert together.rejects == [record for parsed in apart for record in parsed.rejects]
    assert together.frame.height + len(together.rejects) == len(records)


@SLOW
@given(RECORD)
def test_the_fast_way_agrees_with_the_slow(value: dict[str, Any]) -> None:
    line = json.dumps(value).encode()
    record = RawRecord(1, 0, line, len(line))
    broken = RawRecord(2, 9, b"{", 1)
    fast = parse_all([record], FIELDS)
    slow = parse_objects([record, broken], FIELDS).frame
    assert fast is None or _rows(fast) == _rows(slow)


@SLOW
@given(
    st.lists(RECORD | JSON, max_size=6),
    st.sampled_from([None, 1]),
    st.integers(1, 50),
    st.sampled_from([json.dumps, lambda value, **_: json.dumps(value, ensure_ascii=False)]),
)
def test_an_array_is_cut_at_its_elements_whatever_the_blocks(
    values: list[Any], indent: int | None, block: int, dumps: Any
) -> None:
    data = dumps(values, indent=indent).encode("utf-8", "surrogatepass")
    cutter = ElementCutter(0, 2**20, 100)
    records: list[RawRecord] = []
    for start in range(0, len(data) + block, block):
        part = data[start : start + block]
        cutter.add(part, is_last=not part)
        guess = cutter.guess()
        if guess and parse_all(guess, FIELDS) is not None:
            cutter.accept(guess)
            records += guess
        records += cutter.cut()
        if not part:
            break
    assert not cutter.finish()
    assert [json.dumps(json.loads(record.data)) for record in records] == [
        json.dumps(value) for value in values
    ]
    for record in records:
        assert data[record.byte_offset :].startswith(record.data)


@SLOW
@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 40), st.integers(1, 12))
def test_lines_keep_number_and_place_whatever_the_blocks(
    parts: list[bytes], block: int, record_bytes: int
) -> None:
    data = b"\n".join(parts)
    cutter = LineCutter(0, 1, record_bytes, record_bytes)
    records = [r for n in range(0, len(data), block) for r in cutter.feed(data[n : n + block])]
    records += cutter.finish()
    lines = data.split(b"\n")
    expected = [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if (line and not line.isspace()) or len(line) > record_bytes
    ]
    assert [(r.record_no, r.n_bytes) for r in records] == [(n, len(line)) for n, line in expected]
    for record, (_, line) in zip(records, expected, strict=True):
        assert data[record.byte_offset : record.byte_offset + record.n_bytes] == line
        assert (record.rule == "record_too_large") == (len(line) > record_bytes)


@SLOW
@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
@example([("a", "b\r\n,c"), ('"', "\n")])
def test_csv_comes_back(rows: list[tuple[str, str]]) -> None:
    rows = [tuple(cell.replace("\0", "").replace("\r", "") for cell in row) for row in rows]  # type: ignore[misc]
    rows = [row for row in rows if row[1].strip() and "\ufffd" not in row[1] and row[1].split()]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("title", "text"), *rows])
    stream = io.BytesIO(out.getvalue().encode("utf-8", "replace"))
    pieces = [parse() for parse in read_csv(stream, "a.csv", ORIGIN, Context(Limits(), FIELDS))]
    texts = [text for piece in pieces for text in piece.records["text"]]
    expected = [row[1].encode("utf-8", "replace").decode() for row in rows]
    assert texts == expected


@SLOW
@given(
    name=st.sampled_from(
        ["a.jsonl", "a.json", "a.csv", "a.txt", "a.zip", "a.tar", "a.gz", "a.parquet", "a"]
    ),
    data=st.binary(max_size=300) | st.lists(st.sampled_from(TOKENS), max_size=60).map(b"".join),
)
def test_any_bytes_are_read_or_refused(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    plan = discover(
        [str(path)],
        limits=Limits(record_bytes=100, chunk_bytes=50),
        fields=FIELDS,
        observed=None,
        known=lambda _: set(),
        plan_path=tmp_path / "plan" / "plan.parquet",
        progress=None,
    )
    for number in range(plan.n_chunks):
        for batch in read_chunk(plan.path, number, limits=Limits(record_bytes=100), fields=FIELDS):
            rows = batch.records.height + batch.rejects.height
            assert batch.counts["n_records"].sum() == rows
            assert batch.records["text"].str.contains(r"\S").all()
            assert batch.rejects["reject_id"].is_unique().all()

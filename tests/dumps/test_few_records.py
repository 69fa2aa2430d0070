"""Files of few records are parsed together, and mean what they would alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marsad.dumps import texts

#: Files whose records have different fields, and some that are no records.
FILES = [
    b'{"text": "a page", "url": "https://news.example/1", "date": "2024-11-18"}',
    b'{"content": "a body", "title": "a title", "date": "2024-11-17"}',
    b'{"content": "a body with no other field", "keywords": ["one", "two"]}',
    b'[{"text": "first"}, {"text": "second", "source": {"name": "Reuters"}}]',
    b'{"title": "no text at all"}',
    b'{"text": "cut off',
    b"[1, 2]",
    b'{"text": 12.50, "author": "an author"}',
    b'\xef\xbb\xbf{"text": "with a mark"}\n{"text": "and a second line"}\n',
    b"",
    '{"text": "خبر"}'.encode("utf-16"),
    '{"content": "خبر", "title": "عنوان"}'.encode("cp1256"),
]


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
@pytest.mark.parametrize("is_zip", [False, True])
def test_they_mean_what_they_would_alone(
    suffix: str,
    is_zip: bool,
    tmp_path: Path,
    read_all: Callable[..., Any],
    pack_zip: Callable[[dict[str, bytes]], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {f"{number:02d}.{suffix}": data for number, data in enumerate(FILES)}
    folder = tmp_path / "dumps"
    folder.mkdir()
    if is_zip:
        (folder / "a.zip").write_bytes(pack_zip(names))
    else:
        for name, data in names.items():
            (folder / name).write_bytes(data)
    together = read_all(folder)
    monkeypatch.setattr(texts, "_FEW", 0)
    alone = read_all(folder)
    assert together.records.height >= 8
    assert together.rejects.height > 2
    place = ["dump_id", "member", "record_no"]
    assert together.records.sort(place).equals(alone.records.sort(place))
    assert together.rejects.sort("reject_id").equals(alone.rejects.sort("reject_id"))
    assert together.counts.sort("dump_id").equals(alone.counts.sort("dump_id"))
    assert together.errors == alone.errors


def test_a_broken_file_among_many_takes_no_other_with_it(
    tmp_path: Path, read_all: Callable[..., Any]
) -> None:
    for number in range(100):
        (tmp_path / f"{number:02d}.json").write_text(json.dumps({"text": f"page {number}"}))
    (tmp_path / "50.json").write_text('{"text": ')
    result = read_all(tmp_path)
    assert result.records.height == 99
    assert result.rejects["rule"].to_list() == ["invalid_json"]

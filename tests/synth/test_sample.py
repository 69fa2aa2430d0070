"""The sample in the project is what the generator makes today."""

import gzip
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from marsad.synth.sample import BROKEN_LINE, FOLDER, write_sample

LINES = "2024-11-19/pages.jsonl.gz"
ARTICLES = "2024-11-20/articles.zip"
PAGES = "2024-11-21/pages.parquet"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def _lines(folder: Path) -> list[bytes]:
    return gzip.decompress((folder / LINES).read_bytes()).splitlines()


def _members(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / ARTICLES) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_committed_files_are_current(made: Path) -> None:
    # Compressed bytes may differ with a library's version, what they hold may not.
    assert _lines(FOLDER) == _lines(made)
    assert _members(FOLDER) == _members(made)
    assert_frame_equal(pl.read_parquet(FOLDER / PAGES), pl.read_parquet(made / PAGES))
    assert (made / PAGES).stat().st_size > 0


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()]
    assert len(sizes) == 4
    assert sum(sizes) < 1_000_000


def test_exactly_two_records_must_be_rejected(made: Path) -> None:
    broken = []
    for number, line in enumerate(_lines(made), 1):
        try:
            assert json.loads(line)["text"]
        except json.JSONDecodeError:
            broken.append(number)
    assert broken == [BROKEN_LINE]
    (array,) = _members(made).values()
    assert [record["content"] == "" for record in json.loads(array)].count(True) == 1
    assert pl.read_parquet(made / PAGES)["text"].str.len_chars().min() > 1000


def test_articles_come_again_on_other_nights(made: Path) -> None:
    (array,) = _members(made).values()
    bodies = [record["content"] for record in json.loads(array) if record["content"]]
    lines = [line for number, line in enumerate(_lines(made), 1) if number != BROKEN_LINE]
    first = [json.loads(line)["text"] for line in lines]
    assert sum(any(body in page for page in first) for body in bodies) > 10

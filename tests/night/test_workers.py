"""The worker processes of a run."""

import multiprocessing
from dataclasses import replace
from pathlib import Path

from whole_nights import settings_of

from marsad.night import ingest
from marsad.night.context import new_context, open_staging
from marsad.night.workers import open_pool


def processes_after_discovery(folder: Path, n_bytes: int) -> int:
    dump = folder / "pages.jsonl"
    dump.write_bytes(b" " * (n_bytes - 1) + b"\n")
    settings = replace(settings_of(folder / "lake"), workers=2)
    context = new_context(settings, "nightly")
    settings.lake.mkdir()
    open_staging(context)
    with open_pool(settings):
        ingest.discover(context, [str(dump)], None)
        return len(multiprocessing.active_children())


def test_they_start_while_a_large_dump_is_hashed(tmp_path: Path) -> None:
    assert processes_after_discovery(tmp_path, ingest.WORTH_WORKERS) == 2


def test_a_small_dump_starts_none(tmp_path: Path) -> None:
    assert processes_after_discovery(tmp_path, 1000) == 0

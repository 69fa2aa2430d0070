"""The memory of a night, for the shapes of input that tempt a program to hold all of them.

The peak is the sum of the resident memory of the whole tree of processes, looked at ten times a
second; memory that processes share counts once for each.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measured import measured
from page import machine, stages

HERE = Path(__file__).resolve().parent
#: What the runs are told that they may hold.
MEMORY = "2GB"
#: Members that an archive may have: a tar of ten gigabytes has somewhat more than the default.
MEMBERS = "2000000"
#: Bytes of an invented page, and of a small one.
PAGE_BYTES, SMALL_BYTES = 9_600, 5_000


def section(megabytes: int, row_group_mb: int, files: int) -> list[str]:
    """Measure; returns the lines of the page.

    Args:
        megabytes: of the JSON Lines file and of the tar.
        row_group_mb: of the one row group of the Parquet file, not compressed.
        files: how many small files; 0 leaves them out.
    """
    shapes: dict[str, tuple[int, Callable[[Path], Path]]] = {
        f"one JSON Lines file, {megabytes:,} MB": (
            _pages(megabytes),
            lambda to: _made(to, "jsonl", megabytes),
        ),
        f"one tar of pages, {megabytes:,} MB": (
            _pages(megabytes),
            lambda to: _made(to, "tar", megabytes),
        ),
        f"one Parquet row group, {row_group_mb:,} MB": (
            _pages(row_group_mb),
            lambda to: _one_group(to, row_group_mb),
        ),
    }
    if files:
        shapes[f"{files:,} files of {SMALL_BYTES / 1000:.0f} KB"] = (
            files,
            lambda to: _files(to, files),
        )
    lines = [
        f"`--memory {MEMORY}`, `MARSAD_MAX_MEMBERS={MEMBERS}`; {machine()}.",
        "",
        "| input | pages | s | peak MB | stages |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for what, (n_pages, make) in shapes.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            source = make(folder / "input")
            command = [sys.executable, str(HERE / "night.py"), str(folder / "lake"), str(source)]
            result = measured(command, {"MARSAD_MEMORY": MEMORY, "MARSAD_MAX_MEMBERS": MEMBERS})
        if result.said["pages"] != n_pages:
            raise SystemExit(f"of {what}: {result.said['pages']:,} of {n_pages:,} pages published")
        print(f"memory: {what}: {result.peak / 1e6:,.0f} MB", file=sys.stderr)
        lines.append(
            f"| {what} | {result.said['pages']:,} | {result.seconds:.0f}"
            f" | {result.peak / 1e6:,.0f} | {stages(result.said['seconds'])} |"
        )
    return lines


def _pages(megabytes: int) -> int:
    """Return how many invented pages are so large."""
    return megabytes * 1_000_000 // PAGE_BYTES


def _made(folder: Path, form: str, megabytes: int) -> Path:
    """Make one dump of pages."""
    from marsad.synth.generate import SynthOptions, generate

    options = SynthOptions(
        pages=_pages(megabytes),
        seed=31,
        out=folder,
        format=form,
        processes=2,
        truth=False,
    )
    return generate(options).dumps


def _one_group(folder: Path, megabytes: int) -> Path:
    """Make a Parquet file that has a single row group."""
    import polars as pl

    lines = next(_made(folder / "lines", "jsonl", megabytes).rglob("*.jsonl"))
    target = folder / "pages.parquet"
    records = pl.read_ndjson(lines)
    records.write_parquet(target, row_group_size=records.height)
    shutil.rmtree(folder / "lines")
    return target


def _files(folder: Path, files: int) -> Path:
    """Make small files: articles of the same invented news, each with a body of its own."""
    import polars as pl

    pages = min(files, 20_000)
    lines = next(_made(folder / "lines", "jsonl", pages * PAGE_BYTES // 1_000_000).rglob("*.jsonl"))
    texts = pl.read_ndjson(lines)["text"].to_list()
    shutil.rmtree(folder / "lines")
    for number in range(files):
        name = folder / "2024-11-18" / f"{number // 1000:04d}" / f"{number:07d}.txt"
        if number % 1000 == 0:
            name.parent.mkdir(parents=True)
        text = texts[number % len(texts)].encode()[-SMALL_BYTES:].decode("utf-8", "ignore")
        name.write_text(f"خبر رقم {number}\n\n{text}", "utf-8")  # a line that no other file has
    return folder / "2024-11-18"


__all__ = ["section"]

"""Speed of parsing, beside two references in the same run.

    python benchmarks/parse.py [--pages 20000] [--workers 2] [--output docs/performance.md]

Measured over invented pages of every variant (`marsad synth`) in a Parquet file, of which each
worker reads its share: (a) reading and hashing the bytes; (b) a parser with `re` and a loop over
pages, which finds the sections of the plain template and nothing else; (c) sections
and fields (`read_pages`); (d) everything (`parse_records`). Rates are of UTF-8 text, all workers
together, on the wall and of processor time (had each worker a core for itself all the time);
memory is the peak of a worker.
"""

import argparse
import concurrent.futures
import hashlib
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

# Workers share the cores: each has one thread.
os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl
from page import renew

from marsad import schema
from marsad.parse.page import parse_records, read_pages
from marsad.parse.rules import Rules
from marsad.reference import load_rules
from marsad.settings import load_settings
from marsad.synth.generate import SynthOptions, generate

BATCH = 2000  # pages, about 20 MB
SECTIONS = re.compile(
    r"(?P<body>.*?)(?:^المصدر: (?P<source>[^\n]*)\n+)?(?:^كلمات دلالية: (?P<keywords>[^\n]*)\n+)?"
    r"(?:^إقرأ أيضاً:\n+(?P<title>[^\n]*)\n+(?P<publisher>[^\n]*) \.\.\n+(?P<second>.*?))?"
    r"(?:^user\n+)?(?:^مقالات مشابهة\n+(?P<links>.*))?\Z",
    re.DOTALL | re.MULTILINE,
)


def read_only(batch: pl.DataFrame, rules: Rules) -> int:
    return sum(hashlib.sha256(text.encode()).digest()[0] for text in batch["text"])


def page_by_page(batch: pl.DataFrame, rules: Rules) -> int:
    n = 0
    for text in batch["text"]:
        match = SECTIONS.match(text)
        assert match
        n += len([line for line in match["body"].split("\n") if line.strip()])
        n += len([line.strip(" •") for line in (match["links"] or "").split("\n") if line])
    return n


def sections_and_fields(batch: pl.DataFrame, rules: Rules) -> int:
    return read_pages(batch, rules)[0].height


def everything(batch: pl.DataFrame, rules: Rules) -> int:
    return parse_records(batch, rules).sightings.height


TASKS: dict[str, Callable[[pl.DataFrame, Rules], int]] = {
    "read and hash the bytes": read_only,
    "re, page by page, sections only": page_by_page,
    "marsad, sections and fields": sections_and_fields,
    "marsad, everything": everything,
}


def records_of(path: Path, first: int) -> pl.DataFrame:
    texts = pl.scan_parquet(path).select("text").slice(first, BATCH).collect()
    rows = texts.with_columns(
        dump_id=pl.lit("d"),
        record_no=pl.int_range(first + 1, first + 1 + pl.len()),
        byte_offset=pl.lit(0),
        kind=pl.lit("page"),
        observed_default=datetime(2025, 1, 1, tzinfo=UTC),
    )
    missing = [pl.lit(None).alias(name) for name in schema.RECORDS if name not in rows.columns]
    return rows.with_columns(missing).select(
        pl.col(name).cast(dtype) for name, dtype in schema.RECORDS.items()
    )


def work(task: str, path: Path, firsts: list[int]) -> tuple[float, float, int]:
    """Run a task over batches; reading the file is left out.

    Returns:
        Seconds on the wall, seconds of the processor, peak bytes.
    """
    rules = load_rules(load_settings(environ={}))
    run = TASKS[task]
    run(records_of(path, firsts[0])[:50], rules)  # imports, patterns
    seconds = cpu = 0.0
    for first in firsts:
        batch = records_of(path, first)
        began, cpu_began = time.perf_counter(), time.process_time()
        run(batch, rules)
        seconds += time.perf_counter() - began
        cpu += time.process_time() - cpu_began
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--pages", type=int, default=20_000)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument(
        "--output", type=Path, help="page whose part between the marks is renewed"
    )
    chosen = arguments.parse_args()
    table = ["| what | MB/s | MB/s of processor time | peak MiB |", "| --- | ---: | ---: | ---: |"]
    with tempfile.TemporaryDirectory() as folder:
        made = generate(
            SynthOptions(
                pages=chosen.pages,
                seed=chosen.seed,
                out=Path(folder) / "synth",
                format="parquet",
                processes=chosen.workers,
                truth=False,
            )
        )
        path = next(made.dumps.rglob("*.parquet"))
        print(f"{chosen.pages} pages, {made.n_bytes / 1e6:.0f} MB, {chosen.workers} workers")
        batches = list(range(0, chosen.pages, BATCH))
        for task in TASKS:
            with concurrent.futures.ProcessPoolExecutor(
                chosen.workers, mp_context=multiprocessing.get_context("spawn")
            ) as pool:
                shares = [batches[i :: chosen.workers] for i in range(chosen.workers)]
                done = [pool.submit(work, task, path, share) for share in shares if share]
                results = [future.result() for future in done]
            seconds, cpu, peak = (max(column) for column in zip(*results, strict=True))
            rates = (made.n_bytes / 1e6 / spent for spent in (seconds, cpu))
            table.append(" | ".join([f"| {task}", *(f"{r:,.0f}" for r in rates)]))
            table[-1] += f" | {peak / 2**20:,.0f} |"
            print(table[-1])
        if chosen.output:
            size = f"{chosen.pages:,} pages, {made.n_bytes / 1e6:,.0f} MB"
            head = f"{size}, {chosen.workers} workers on {os.cpu_count()} cores."
            renew(chosen.output, "parse", [head, "", *table])


if __name__ == "__main__":
    main()

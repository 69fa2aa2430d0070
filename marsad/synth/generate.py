"""Dumps of invented Arabic news, as large as wanted, with what is true of every record.

`OUT/dumps/<night>/…` holds the dumps, `OUT/truth/<block>.parquet` one row a record
(`marsad.synth.truth.TRUTH`). Page i depends on the seed and i alone, so that the same pages come
from any number of processes, and a longer run begins with the pages of a shorter one.
"""

import gc
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from marsad.errors import ConfigError
from marsad.settings import PROJECT_DIR
from marsad.synth.articles import BLOCK
from marsad.synth.blocks import Maker, Scope, make_block, open_maker
from marsad.synth.encode import STREAMED, Record
from marsad.synth.sinks import open_sink
from marsad.synth.truth import truth_frame

FORMATS: Final = (*STREAMED, "txt", "parquet", "zip", "tar")
KINDS: Final = ("page", "article")
VARIANTS: Final = ("plain", "all")
_WORDS: Final = PROJECT_DIR / "data" / "synth"
#: A Monday in the season of the sample data.
_FIRST_DAY: Final = date(2024, 11, 18)

#: One night's share of a block: its number, records, and those as bytes where the format has them.
_Piece = tuple[int, list[Record], bytes]


@dataclass(frozen=True, slots=True)
class SynthOptions:
    """What to make.

    Attributes:
        pages: how many records.
        seed: decides every byte.
        out: folder that gets `dumps` and `truth`; must not hold them yet.
        format: one of `FORMATS`.
        days: nights among which the records are dealt out in turn; a folder each.
        first_day: of the first night.
        variants: `plain`, every page in the aggregator's commonest template, or `all`, every
            variant mixed.
        kind: `page`, texts as scraped, or `article`, structured articles.
        processes: how many make blocks at the same time.
        truth: whether to write what is true; it takes about as long as the dumps.
    """

    pages: int
    seed: int
    out: Path
    format: str = "jsonl"
    days: int = 1
    first_day: date = _FIRST_DAY
    variants: str = "all"
    kind: str = "page"
    processes: int = 1
    truth: bool = True


@dataclass(frozen=True, slots=True)
class SynthReport:
    """What was made.

    Attributes:
        dumps: folder of the dumps.
        truth: folder of the truth, or None.
        n_records: records.
        n_bytes: of their texts, before any encoding or compression.
        seconds: that it took.
    """

    dumps: Path
    truth: Path | None
    n_records: int
    n_bytes: int
    seconds: float


def generate(options: SynthOptions) -> SynthReport:
    """Write dumps of invented news, in bounded memory.

    Raises:
        ConfigError: an option is not usable, or the folder has such dumps already.
    """
    started = time.perf_counter()
    _check(options)
    dumps = options.out / "dumps"
    truth = options.out / "truth" if options.truth else None
    for folder in (dumps, truth):
        if folder is not None:
            folder.mkdir(parents=True)
    sink = open_sink(dumps, options.format, is_article=options.kind == "article")
    n_bytes = 0
    with _without_cycles():
        for pieces, block_bytes in _blocks(options):
            n_bytes += block_bytes
            for night, records, encoded in pieces:
                day = (options.first_day + timedelta(days=night)).isoformat()
                sink.write(day, records, encoded)
    sink.close()
    return SynthReport(dumps, truth, options.pages, n_bytes, time.perf_counter() - started)


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Stop the search for cycles of objects: none are made, and it took a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check(options: SynthOptions) -> None:
    for name, value, allowed in (
        ("format", options.format, FORMATS),
        ("variants", options.variants, VARIANTS),
        ("kind", options.kind, KINDS),
    ):
        if value not in allowed:
            raise ConfigError(f"{name} is {value!r}: give one of {', '.join(allowed)}")
    for name, number in (
        ("pages", options.pages),
        ("days", options.days),
        ("processes", options.processes),
    ):
        if number < 1:
            raise ConfigError(f"{name} is {number}: give 1 or more")
    if not 0 <= options.seed < 2**63:
        raise ConfigError(f"seed is {options.seed}: give 0 or more, below 2**63")
    if options.kind == "article" and options.format in ("txt", "tar"):
        raise ConfigError(f"format is {options.format}: it holds pages, no structured articles")
    for folder in ("dumps", "truth"):
        if (options.out / folder).exists():
            raise ConfigError(f"{options.out / folder} exists: give another folder")


def _blocks(options: SynthOptions) -> Iterator[tuple[list[_Piece], int]]:
    """Yield the pieces of each block in order, and the bytes of their texts."""
    numbers = range(-(-options.pages // BLOCK))
    n_processes = min(options.processes, len(numbers))
    if n_processes == 1:
        maker = _maker(options)
        for number in numbers:
            yield _block(maker, options, number)
        return
    with ProcessPoolExecutor(
        n_processes,
        # Forking a process that has threads, as Polars starts, can hang.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(options,),
    ) as pool:
        # Few blocks ahead of the one that is written: memory stays bounded.
        waiting: list[Future[tuple[list[_Piece], int]]] = []
        for number in numbers:
            waiting.append(pool.submit(_worker_block, number))
            if len(waiting) > 2 * n_processes:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()


def _maker(options: SynthOptions) -> Maker:
    scope = Scope(
        pages=options.pages,
        days=options.days,
        first_day=options.first_day,
        is_plain=options.variants == "plain",
        is_article=options.kind == "article",
        form=options.format,
    )
    return open_maker(_WORDS, options.seed, scope)


def _block(maker: Maker, options: SynthOptions, number: int) -> tuple[list[_Piece], int]:
    nights, truths = make_block(maker, number)
    if options.truth:
        truth_frame(truths).write_parquet(
            options.out / "truth" / f"{number:06d}.parquet", compression_level=1
        )
    encode = STREAMED.get(options.format)
    n_bytes = sum(len(record.text) for records in nights.values() for record in records)
    pieces: list[_Piece] = [
        (night, records, b"") if encode is None else (night, [], encode(records))
        for night, records in sorted(nights.items())
    ]
    return pieces, n_bytes


#: A worker's own copy of what its blocks are made from.
_worker: tuple[Maker, SynthOptions] | None = None


def _start_worker(options: SynthOptions) -> None:
    global _worker
    gc.disable()
    _worker = (_maker(options), options)


def _worker_block(number: int) -> tuple[list[_Piece], int]:
    if _worker is None:
        raise RuntimeError("worker without a start")
    return _block(*_worker, number)

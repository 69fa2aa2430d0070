"""How fast keyword lines become keywords: `python benchmarks/keywords.py [LINES] [PAGE]`.

Lines of 4 to 16 tags of one to six words, drawn by Zipf's law from 5,000, half of them with an
article of about 400 words around some of their tags. It prints the lines per second of one core
for each step, with as a yardstick what a loop of Python takes that looks every phrase of a line up
in the text (`in`) and takes the longest; and the F1 of each way. The best of three runs counts.
On PAGE (`docs/performance.md`) the part between the marks is renewed.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
from page import renew

from marsad.parse.arabic import fold
from marsad.parse.keyword_eval import phrase_score
from marsad.parse.keywords import Model, cut_lines, fit, keyword_lines, learn, segment_lines
from marsad.settings import PROJECT_DIR
from marsad.synth.grammar import Grammar
from marsad.synth.tags import TagLines, vocabulary

T = TypeVar("T")
SEED = 2024
TEXT_WORDS = 400
RUNS = 3


def world(n: int) -> tuple[pl.DataFrame, list[list[str]]]:
    """Make lines with their articles, and the folded tags of each."""
    grammar = Grammar(PROJECT_DIR / "data" / "synth" / "grammar.toml")
    made = TagLines(grammar, SEED).lines(np.arange(n, dtype=np.uint64), 0.0)
    words = " ".join(fold(tag) for tag in vocabulary(grammar, SEED)).split()
    numbers = np.random.default_rng(SEED)
    texts = []
    for i, line in enumerate(made):
        text = [words[k] for k in numbers.integers(len(words), size=TEXT_WORDS)]
        if i % 2:
            for tag in line.in_body:
                text.insert(int(numbers.integers(len(text))), fold(tag))
        texts.append(" ".join(text))
    frame = pl.DataFrame(
        {
            "page_id": [str(i) for i in range(n)],
            "article_id": [str(i) for i in range(n)],
            "observed_at": [datetime(2024, 1, 1, tzinfo=UTC)] * n,
            "keywords_raw": [line.raw for line in made],
            "title": pl.Series([None] * n, dtype=pl.String),
            "folded_body": texts,
        }
    )
    return frame, [[fold(tag) for tag in line.tags] for line in made]


def longest_matches(frame: pl.DataFrame) -> pl.DataFrame:
    """Cut lines by the longest phrases that stand in the text: the yardstick."""
    rows = []
    for i, (raw, text) in enumerate(frame.select("keywords_raw", "folded_body").iter_rows()):
        words, text = fold(raw).split(), f" {text} "
        at = 0
        while at < len(words):
            size = min(8, len(words) - at)
            while size > 1 and f" {' '.join(words[at : at + size])} " not in text:
                size -= 1
            rows.append((i, " ".join(words[at : at + size])))
            at += size
    return pl.DataFrame(rows, {"line": pl.Int64, "keyword_key": pl.String}, orient="row")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the processor seconds of its fastest run."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        result = work()
        best = min(best, time.process_time() - began)
    return result, best


def main() -> None:
    """Print one row a step."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    frame, true = world(n)
    matched, yardstick = timed(lambda: longest_matches(frame))
    lines, reading = timed(lambda: keyword_lines(frame))
    _, learning = timed(lambda: learn(lines))
    model, fitting = timed(lambda: fit(lines))
    found, cutting = timed(lambda: segment_lines(lines, model))
    alone, cutting_alone = timed(lambda: segment_lines(lines, Model.empty()))
    rows = [
        ("longest match, a Python loop", yardstick, phrase_score(matched, true).f1),
        ("keyword_lines", reading, None),
        ("learn", learning, None),
        ("fit", fitting, None),
        (
            "segment_lines, nothing learned",
            cutting_alone,
            phrase_score(cut_lines(lines, Model.empty()), true).f1,
        ),
        ("segment_lines, fitted", cutting, phrase_score(cut_lines(lines, model), true).f1),
        ("keyword_lines + segment_lines, fitted", reading + cutting, None),
    ]
    megabytes = frame["folded_body"].str.len_bytes().sum() / 1e6
    text = (
        f"{n:,} lines, {megabytes:.0f} MB of articles; {found.height:,} keywords, and"
        f" {alone.height:,} where nothing was learned. Processor time of one core.\n\n"
        "| what | lines/s | F1 |\n| --- | ---: | ---: |\n"
    )
    for name, seconds, f1 in rows:
        text += f"| {name} | {n / seconds:,.0f} | {'' if f1 is None else f'{f1:.4f}'} |\n"
    sys.stdout.write(text)
    if len(sys.argv) > 2:
        renew(Path(sys.argv[2]), "keywords", text.splitlines())


if __name__ == "__main__":
    main()

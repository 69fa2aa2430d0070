"""Keyword lines whose true boundaries are known: the seed page's, AKEC's, and invented ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from marsad import schema
from marsad.evaluate.corpus import Corpus
from marsad.evaluate.score import of_bag
from marsad.parse.arabic import fold_series
from marsad.parse.keywords import keyword_lines
from marsad.settings import PROJECT_DIR
from marsad.synth.grammar import Grammar
from marsad.synth.randoms import draws, fractions, zipf_ranks
from marsad.synth.tags import N_TAGS, vocabulary

_STREAM: Final = 71  # of numbers, used in this place alone
_LONGEST: Final = 12  # tags of an invented line of an aggregator
#: How many tags of an aggregator's other lines are the seed line's: each of the ten comes some
#: twenty-five times in 300 lines.
_OF_SEED: Final = 0.1


@dataclass(frozen=True, slots=True)
class KnownLines:
    """Lines, and the keywords that they truly hold.

    Attributes:
        lines: schema `marsad.schema.KEYWORD_LINES`; page_id names the line.
        true: key (page_id), value (a folded keyword); a row an occurrence.
    """

    lines: pl.DataFrame
    true: pl.DataFrame

    def items(self, field: str) -> pl.DataFrame:
        """Return the true items."""
        return of_bag(self.true, field)


def known_lines(
    keywords: Sequence[Sequence[str]],
    *,
    texts: Sequence[str] | None = None,
    raw: Sequence[str] | None = None,
    first: int = 0,
) -> KnownLines:
    """Make lines of keywords.

    Args:
        keywords: of each line, in order.
        texts: folded, what the line's article says; None: nothing is known of it.
        raw: the lines as printed; None: the keywords with spaces between them.
        first: number of the first line; lines are named by number.
    """
    names = [f"{first + number:08d}" for number in range(len(keywords))]
    frame = pl.DataFrame(
        {
            "page_id": names,
            "article_id": names,
            "observed_at": [datetime(2024, 1, 1, tzinfo=UTC)] * len(names),
            "keywords_raw": raw or [" ".join(line) for line in keywords],
            "title": [None] * len(names),
            "folded_body": texts or [""] * len(names),
        },
        schema_overrides={"title": pl.String(), "observed_at": schema.UTC},
    )
    true = pl.DataFrame(
        {"key": names, "value": keywords}, schema={"key": pl.String, "value": pl.List(pl.String)}
    ).explode("value")
    return KnownLines(keyword_lines(frame), true.with_columns(fold_series(true["value"])))


def seed_line(tags: Path, page: Path) -> KnownLines:
    """Return the line of the real page, with the body of its main article.

    Args:
        tags: the line's keywords, one a line.
        page: what is true of the page, as in `tests/pages`.
    """
    main = json.loads(page.read_text("utf-8"))["articles"][0]
    body = "\n\n".join(main["paragraphs"])
    return known_lines(
        [tags.read_text("utf-8").splitlines()],
        texts=fold_series(pl.Series([body])).to_list(),
        raw=[main["keywords_raw"]],
    )


def other_lines(tags: Path, *, n: int, seed: int) -> KnownLines:
    """Invent lines of the same aggregator, without their articles.

    The seed line's tags recur in them, each in other company; most tags are others.
    """
    own = list(dict.fromkeys(tags.read_text("utf-8").splitlines()))
    others = vocabulary(Grammar(PROJECT_DIR / "data" / "synth" / "grammar.toml"), seed)
    numbers = draws(seed, _STREAM, np.arange(n, dtype=np.uint64), 2 * _LONGEST + 1)
    is_own = fractions(numbers[:, :_LONGEST]) < _OF_SEED
    of_own = (numbers[:, :_LONGEST] % np.uint64(len(own))).astype(np.int64)
    ranks = zipf_ranks(numbers[:, _LONGEST : 2 * _LONGEST], N_TAGS)
    sizes = 4 + numbers[:, -1] % np.uint64(_LONGEST - 3)
    lines = [
        [
            own[of_own[line, place]] if is_own[line, place] else others[ranks[line, place]]
            for place in range(int(sizes[line]))
        ]
        for line in range(n)
    ]
    return known_lines(lines, first=1)


def akec_phrases(folder: Path) -> tuple[list[str], list[list[str]]]:
    """Return the folded documents of AKEC, and the ten phrases of each."""
    texts, phrases = [], []
    for line in (folder / "keyphrases.tsv").read_text("utf-8").splitlines():
        name, joined = line.split("\t")
        texts.append((folder / "documents" / f"{name}.txt").read_text("utf-8"))
        phrases.append([phrase.strip() for phrase in joined.split("|")])
    return fold_series(pl.Series(texts)).to_list(), phrases


def synth_lines(corpus: Corpus, *, n: int, with_text: bool) -> KnownLines:
    """Return up to `n` lines without delimiters of invented articles, one for each article."""
    parts: list[KnownLines] = []
    done = 0
    for block in corpus.blocks():
        rows = (
            block.filter(~pl.col("keywords_delimited"))
            .unique("main_article", keep="first", maintain_order=True)
            .head(n - done)
        )
        parts.append(
            known_lines(
                rows["keywords"].to_list(),
                texts=fold_series(rows["body"]).to_list() if with_text else None,
                raw=rows["keywords_raw"].to_list(),
                first=done,
            )
        )
        done += rows.height
        if done == n:
            break
    return KnownLines(
        pl.concat([part.lines for part in parts]), pl.concat([part.true for part in parts])
    )

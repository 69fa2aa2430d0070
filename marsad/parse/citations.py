"""Agencies and media that an article's body quotes.

A scan for one literal runs at more than 10 GB/s in Polars, one regex over all names at 50 MB/s. So
bodies are searched for a few dozen anchors (category words, verbs, the commonest agencies), the
word after an anchor must be one that opens a known name, and only what remains is read in Python.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.citation_context import Named, is_cited
from marsad.parse.citation_names import TOKEN, Names, names_of
from marsad.parse.literals import find_literals
from marsad.parse.source_index import SourceIndex
from marsad.schema import CITATIONS

#: A source named again in brackets this close to its last citation is the same citation:
#: "وكالة الأنباء السعودية (واس)" (the Saudi Press Agency (SPA)).
SAME_BREATH: Final = 24

_BEFORE_NAME = re.compile(r"[ \u00a0\"«“”('‘]{0,4}")
_OPENING: Final = '(«"“'
_WORD_APART: Final = "." * (SAME_BREATH + 1)
_TATWEEL: Final = "\u0640"


def find_citations(articles: pl.DataFrame, index: SourceIndex) -> pl.DataFrame:
    """Find the known sources that bodies quote.

    Args:
        articles: `article_id`, `page_id`, `body` (String, display text).
        index: the known sources.

    Returns:
        Schema `CITATIONS`, by article, page, then place. `char_offset` counts code points from 0.
    """
    names = names_of(index)
    rows: list[tuple[int, int, str, str]] = []
    starts = _starts(articles["body"], index)
    bodies = articles["body"].gather(starts.row).to_list()
    for row, body, anchors in zip(starts.row, bodies, starts.anchors, strict=True):
        for named in _citations(body, anchors, names):
            printed = body[named.start : named.end]
            rows.append((row, named.start, printed, names.source_id(named.source)))
    order = ("row", "char_offset", "citation_raw", "source_id")
    schema = {"row": pl.Int64(), **CITATIONS}
    table = pl.DataFrame(rows, schema={name: schema[name] for name in order}, orient="row")
    return (
        table.with_columns(
            articles[name].gather(table["row"]) for name in ("article_id", "page_id")
        )
        .sort("article_id", "page_id", "char_offset")
        .select(CITATIONS.names())
    )


class _Anchored(NamedTuple):
    """Bodies that may hold citations.

    Attributes:
        row: of each body, ascending.
        anchors: of each, where those anchors stand in it that may lead to a name, ascending.
    """

    row: list[int]
    anchors: list[list[int]]


def _starts(bodies: pl.Series, index: SourceIndex) -> _Anchored:
    hits = find_literals(bodies, (*index.wires, *index.anchors))
    n = len(index.wires) + len(index.anchors)
    kind = hits.row * n + hits.literal  # an anchor in a body
    opens = hits.windowed[_opens_name(hits.windows, index)]
    leads = np.zeros(n * len(bodies), dtype=np.bool_)
    leads[kind[opens]] = True
    leading = np.flatnonzero(leads[kind] | (hits.literal < len(index.wires)))
    found = (
        pl.DataFrame({"row": hits.row[leading], "at": hits.character[leading]})
        .group_by("row", maintain_order=True)
        .agg("at")
    )
    return _Anchored(found["row"].to_list(), found["at"].to_list())


def _opens_name(windows: pl.Series, index: SourceIndex) -> npt.NDArray[np.bool_]:
    """Say of each window whether the words after its first open a name.

    A category word there need not count: it is an anchor of its own.
    """
    distinct = windows.unique()
    words = fold_series(distinct).str.split(" ")
    first = words.list.get(1, null_on_oob=True)
    both = words.list.slice(1, 2).list.join(" ")
    openings = pl.Series(sorted(index.openings)).implode()
    opening = distinct.filter((first.is_in(openings) | both.is_in(openings)).fill_null(False))
    return windows.is_in(opening.implode()).to_numpy()


def _citations(body: str, anchors: list[int], names: Names) -> list[Named]:
    """Return the citations of one body, in order, by where anchors stand in it."""
    starts = {_name_start(body, at, names) for at in anchors}
    kept: list[Named] = []
    last: dict[str, int] = {}
    for start in sorted(start for start in starts if start is not None):
        if kept and start < kept[-1].end:
            continue
        named = names.read(body, start)
        if named is None or not is_cited(body, named, names.index):
            continue
        slug = named.source.slug
        since = body[last[slug] : named.start] if slug in last else _WORD_APART
        if len(since) > SAME_BREATH or (since.strip() and since[-1] not in _OPENING):
            kept.append(named)
        last[slug] = named.end
    return kept


def _name_start(body: str, at: int, names: Names) -> int | None:
    """Return where a name may begin: at the anchor's own word, or after it if that is a verb."""
    start = at if body[at].isalpha() else at + 1
    while start > 0 and ((before := body[start - 1]).isalpha() or before == _TATWEEL):
        start -= 1
    word = TOKEN.match(body, start)
    if word is None:
        return None
    if not names.is_verb(word[0]):
        return start
    gap = _BEFORE_NAME.match(body, word.end())
    return None if gap is None else gap.end()

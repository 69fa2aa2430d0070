"""Agencies and media that an article's body quotes.

A scan for one literal runs at more than 10 GB/s in Polars, one regex over all names at 50 MB/s. So
bodies are searched for a few dozen anchors (category words, verbs, the commonest agencies), the
word after an anchor must be one that opens a known name, and only what remains is read in Python.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import polars as pl

from marsad.parse.arabic import fold, fold_series
from marsad.parse.citation_context import Named, is_cited
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source
from marsad.schema import CITATIONS

#: Longest name, in words, category words among them.
MAX_WORDS: Final = 7

#: A source named again in brackets this close to its last citation is the same citation:
#: "وكالة الأنباء السعودية (واس)" (the Saudi Press Agency (SPA)).
SAME_BREATH: Final = 24

# The rest of an anchor's word, and the two words after it.
_WINDOW: Final = r"[^ \x{a0}\n]*(?:[ \x{a0}]+[^ \x{a0}\n]+){0,2}"

_TOKEN = re.compile(r"[^\W_]+(?:[\u0640\u064b-\u065f\u0670]+[^\W_]*)*")
_INSIDE_NAME = re.compile(r"[ \u00a0.\-]{1,2}")
_AFTER_CATEGORY = re.compile(r"[ \u00a0\"«“”('‘]{1,3}")
_COUNTRY = re.compile(r"[»\"”' \u00a0()]{1,4}(\w+)")
_BEFORE_NAME = re.compile(r"[ \u00a0\"«“”('‘]{0,4}")
_OPENING: Final = '(«"“'
_WORD_APART: Final = "." * (SAME_BREATH + 1)
_TATWEEL: Final = "\u0640"
_TO: Final = "ل"
_PREFIXES: Final = ("", "و", "ل", "ول", "ب", "ف", "وب", "فل")  # and, to, and to, by, so …


class _Words(NamedTuple):
    """Words of a body, each by its fold and by where it ends."""

    start: int  # of the first, without what is glued before it
    keys: list[str]
    ends: list[int]


def find_citations(articles: pl.DataFrame, index: SourceIndex) -> pl.DataFrame:
    """Find the known sources that bodies quote.

    Args:
        articles: `article_id`, `page_id`, `body` (String, display text).
        index: the known sources.

    Returns:
        Schema `CITATIONS`, by article, page, then place. `char_offset` counts code points from 0.
    """
    names = _Names(index)
    rows: list[tuple[str, str, int, str, str]] = []
    candidates = _candidates(articles["body"], index)
    wanted = articles[candidates["row"]].select("article_id", "page_id", "body")
    anchors_of = candidates["anchors"].to_list()
    for (article_id, page_id, body), anchors in zip(wanted.iter_rows(), anchors_of, strict=True):
        for named in _citations(body, anchors, names):
            printed = body[named.start : named.end]
            rows.append((article_id, page_id, named.start, printed, named.source.source_id))
    order = ("article_id", "page_id", "char_offset", "citation_raw", "source_id")
    table = pl.DataFrame(rows, schema={name: CITATIONS[name] for name in order}, orient="row")
    return table.sort("article_id", "page_id", "char_offset").select(CITATIONS.names())


def _candidates(bodies: pl.Series, index: SourceIndex) -> pl.DataFrame:
    """Return `row` (of the body, ascending) and `anchors` (those in it that may lead to a name)."""
    frame = pl.DataFrame({"row": pl.int_range(len(bodies), eager=True), "body": bodies})
    empty = pl.DataFrame(schema={"row": pl.Int64(), "anchor": pl.String()})
    wires = [_having(frame, wire).select("row", anchor=pl.lit(wire)) for wire in index.wires]
    windows = [_windows(_having(frame, anchor), anchor) for anchor in index.anchors]
    followed = pl.concat([empty.with_columns(pl.lit("").alias("window")), *windows])
    followed = followed.filter(_opens_name(followed["window"], index)).drop("window")
    return (
        pl.concat([followed, *wires])
        .unique()
        .sort("row", "anchor")
        .group_by("row", maintain_order=True)
        .agg(pl.col("anchor").alias("anchors"))
    )


def _having(frame: pl.DataFrame, literal: str) -> pl.DataFrame:
    return frame.filter(pl.col("body").str.contains(literal, literal=True))


def _windows(frame: pl.DataFrame, anchor: str) -> pl.DataFrame:
    windows = pl.col("body").str.extract_all(re.escape(anchor) + _WINDOW)
    return frame.select("row", anchor=pl.lit(anchor), window=windows).explode(
        "window", empty_as_null=False, keep_nulls=False
    )


def _opens_name(windows: pl.Series, index: SourceIndex) -> pl.Series:
    """Say of each window whether the words after its first open a name.

    A category word there need not count: it is an anchor of its own.
    """
    words = fold_series(windows).str.split(" ")
    first = words.list.get(1, null_on_oob=True)
    both = words.list.slice(1, 2).list.join(" ")
    openings = pl.Series(sorted(index.openings)).implode()
    return (first.is_in(openings) | both.is_in(openings)).fill_null(False)


class _Names:
    """The names of the index, looked up in the words of a body; what was looked up is kept."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index
        self._keys: dict[str, str] = {}
        self._found: dict[str, Source | None] = {}
        self._shared = {name for name, _ in index.shared}
        self._firsts = {opening.partition(" ")[0] for opening in index.openings}
        #: First word of names to the words of the longest, and words that may follow a name.
        self._reach: dict[str, int] = {}
        for name in (*index.names, *self._shared):
            first = name.partition(" ")[0]
            self._reach[first] = max(self._reach.get(first, 0), name.count(" ") + 1)
        tails = {word for tail in index.tails for word in tail.split(" ")}
        self._trailing = {*tails, *index.countries, *index.categories}

    def key(self, word: str) -> str:
        """Fold a word."""
        key = self._keys.get(word)
        if key is None:
            key = self._keys[word] = fold(word)
        return key

    def read(self, body: str, at: int) -> Named | None:
        """Read the longest known name that begins with the word at a place."""
        first = _TOKEN.match(body, at)
        if first is None:
            return None
        key = self.key(first[0])
        for prefix in _PREFIXES:
            head = key[len(prefix) :]
            if key.startswith(prefix) and (head in self._firsts or head in self.index.categories):
                words = self._words(body, at + len(prefix), head, first.end(), key)
                named = self._longest(body, words, prefix)
                if named is not None:
                    return named
        return None

    def _longest(self, body: str, words: _Words, prefix: str) -> Named | None:
        start, keys, ends = words
        categories = self.index.categories
        n_categories = 0
        while n_categories < len(keys) - 1 and keys[n_categories] in categories:
            n_categories += 1
        for length in range(len(keys), n_categories, -1):
            key = bare = " ".join(keys[:length])
            if n_categories:
                bare = " ".join(keys[n_categories:length])
            end = ends[length - 1]
            source = self._find_with_country(key, body, end) if bare in self._shared else None
            source = source or self._find(key)
            if source is not None:
                return Named(start, end, source, prefix, bare, n_categories > 0)
        return None

    def _find(self, key: str) -> Source | None:
        if key not in self._found:
            self._found[key] = self.index.find(key)
        return self._found[key]

    def _find_with_country(self, key: str, body: str, end: int) -> Source | None:
        """Find a shared name by the country printed after its quotes ("«الوطن» السعودية")."""
        word = _COUNTRY.match(body, end)
        country = "" if word is None else self.key(word[1])
        return self._find(f"{key} {country}") if country in self.index.countries else None

    def _words(self, body: str, start: int, head: str, end: int, key: str) -> _Words:
        """Return a word and those after it, as many as any name that begins so may have.

        Quotes may stand between a category word and a name only.

        Args:
            start: of the first word, without what is glued before it.
            head: its fold.
            end: of the first word.
            key: its fold, with what is glued before it.
        """
        categories, reaches = self.index.categories, self._reach
        keys, ends = [head], [end]
        is_leading = head in categories  # whether there were category words only
        reach = reaches.get(head, 0)
        n_words = 1
        while n_words < MAX_WORDS:
            is_category = key in categories or key.lstrip("ولبف") in categories
            gap = (_AFTER_CATEGORY if is_category else _INSIDE_NAME).match(body, end)
            match = gap and _TOKEN.match(body, gap.end())
            if not match:
                break
            end, key = match.end(), self.key(match[0])
            if is_leading:
                reach = max(reach, n_words + reaches.get(key, 0))
                is_leading = key in categories
            elif n_words >= reach and key not in self._trailing:
                break
            keys.append(key)
            ends.append(end)
            n_words += 1
        return _Words(start, keys, ends)


def _citations(body: str, anchors: list[str], names: _Names) -> list[Named]:
    """Return the citations of one body, in order."""
    starts: set[int] = set()
    for anchor in anchors:
        at = body.find(anchor)
        while at >= 0:
            starts.update(_name_starts(body, at, names))
            at = body.find(anchor, at + 1)
    kept: list[Named] = []
    last: dict[str, int] = {}
    for start in sorted(starts):
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


def _name_starts(body: str, at: int, names: _Names) -> Iterator[int]:
    """Yield where a name may begin: at the anchor's own word, and after it if that is a verb."""
    start = at if body[at].isalpha() else at + 1
    while start > 0 and (body[start - 1].isalpha() or body[start - 1] == _TATWEEL):
        start -= 1
    word = _TOKEN.match(body, start)
    if word is None:
        return
    key, verbs = names.key(word[0]), names.index.verbs
    if key == _TO or key in verbs or key[1:] in verbs:
        gap = _BEFORE_NAME.match(body, word.end())
        if gap is not None:
            yield gap.end()
    else:
        yield start

"""Sections: to which block each line of a page belongs.

Pages print their blocks in the order body, signature, source, keywords, read also, user, related;
every line belongs to the label above it, with the exceptions that stand here.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.admission import Candidates, find_labels
from marsad.parse.candidates import ALONE, MARKED
from marsad.parse.labels import (
    AUTHOR,
    CONTACT,
    KEYWORDS,
    PROMOTION,
    READ_ALSO,
    RELATED,
    SOURCE,
    USER,
    Labels,
)
from marsad.parse.lines import Bools, Lines
from marsad.parse.slices import Ints


class Section(IntEnum):
    """What a line is."""

    BODY = 0
    LABEL = 1  # the label's own line; its value is in the events
    SOURCE = 2
    KEYWORDS = 3
    LINK = 4
    SIGNATURE = 5
    PROMOTION = 6
    CONTACT = 7
    TITLE = 8
    PUBLISHER = 9
    UPDATED = 10
    REPEATED_TITLE = 11
    AUTHOR = 12


@dataclass(frozen=True, slots=True)
class Sections:
    """What became of each line.

    Attributes:
        section: of each line, its `Section`.
        second: whether the line belongs to the page's second article.
        labels: the labels that were taken, as rows of `find_candidates`.
        read_also: of each page, the line of the label that opens the second article, else -1.
    """

    section: npt.NDArray[np.uint8]
    second: Bools
    labels: pl.DataFrame
    read_also: Ints


def find_sections(lines: Lines, labels: Labels) -> Sections:
    """Give every line its section."""
    rows, c = find_labels(lines, labels)
    heads = _heads(lines, c)
    tail = _first_line(c, ((c.kind == SOURCE) | (c.kind == KEYWORDS)) & ~heads, lines)
    read_also = _second_articles(lines, c, tail)
    section = _assign(lines, c, heads, tail, read_also)
    second = (read_also[lines.page] >= 0) & (np.arange(len(lines.page)) > read_also[lines.page])
    return Sections(section, second, rows, read_also)


def _heads(lines: Lines, c: Candidates) -> Bools:
    """Mark labels that stand above the body: no paragraph before them, one after them."""
    paragraphs = np.concatenate(([0], np.cumsum(lines.paragraph)))
    stops = np.append(
        c.at[np.isin(c.kind, (SOURCE, KEYWORDS, READ_ALSO, RELATED))], len(lines.page)
    )
    stop = np.minimum(stops[np.searchsorted(stops, c.at, side="right")], c.end)
    before = paragraphs[c.at] - paragraphs[c.start]
    first_value = np.where(c.form == ALONE, 2, 1)  # a line of keywords is as long as a paragraph
    below = np.minimum(c.at + first_value, stop)
    heads: Bools = (before == 0) & (paragraphs[stop] - paragraphs[below] > 0)
    return heads


def _first_line(c: Candidates, chosen: Bools, lines: Lines) -> Ints:
    """Return of each page the line of its first chosen label, else one past every line."""
    first = np.full(len(lines.start), len(lines.page), dtype=np.int64)
    np.minimum.at(first, c.page[chosen], c.at[chosen])
    return first


def _last(c: Candidates, chosen: Bools, lines: Lines) -> Ints:
    """Return of each page the line of its last chosen label, else -1."""
    last = np.full(len(lines.start), -1, dtype=np.int64)
    np.maximum.at(last, c.page[chosen], c.at[chosen])
    return last


def _second_articles(lines: Lines, c: Candidates, tail: Ints) -> Ints:
    """Choose of each page the label that opens its second article.

    That is the first `read also` after the source or the keywords. Where the page has none of
    them before it, it is the last that stands alone with a text below, and no keywords after it:
    any other one is a link in the midst of the body.
    """
    read_also = np.full(len(lines.start), -1, dtype=np.int64)
    calls = c.kind == READ_ALSO
    stops = np.append(c.at[np.isin(c.kind, (READ_ALSO, RELATED, USER))], len(lines.page))
    stop = np.minimum(stops[np.searchsorted(stops, c.at, side="right")], c.end)
    below = stop - c.at - 1
    # The aggregator's own furniture below it says that a title may stand beside the label.
    ours = (c.form == MARKED) & (_last(c, c.kind == USER, lines)[c.page] > c.at)
    fallback = calls & ((c.form == ALONE) | ours) & (below >= 2)
    fallback &= c.at > _last(c, c.kind == KEYWORDS, lines)[c.page]
    # A source below is the main article's, and the call a link, but on the aggregator's pages.
    has_source = _last(c, c.kind == SOURCE, lines)[c.page] > c.at
    fallback &= ~has_source | (_last(c, c.kind == USER, lines)[c.page] > c.at)
    np.maximum.at(read_also, c.page[fallback], c.at[fallback])
    after_tail = calls & (c.at > tail[c.page])
    rows = np.flatnonzero(after_tail)[::-1]
    read_also[c.page[rows]] = c.at[rows]  # the first of each page is written last
    return read_also


def _assign(
    lines: Lines, c: Candidates, heads: Bools, tail: Ints, read_also: Ints
) -> npt.NDArray[np.uint8]:
    """Fill each line with the section that the label above it opens."""
    n = len(lines.page)
    opens = np.isin(c.kind, (SOURCE, KEYWORDS, READ_ALSO, RELATED, USER))
    at, kind, form, end = c.at[opens], c.kind[opens], c.form[opens], c.end[opens]
    page, heads = c.page[opens], heads[opens]
    stop = np.minimum(np.append(at, n)[np.searchsorted(at, at, side="right")], end)
    paragraphs = np.append(np.where(lines.paragraph, np.arange(n), n), n)
    next_paragraph = np.minimum.accumulate(paragraphs[::-1])[::-1]
    plain = np.append(np.where(lines.bullet, n, np.arange(n)), n)
    next_plain = np.minimum.accumulate(plain[::-1])[::-1]
    is_second = (read_also[page] >= 0) & (at >= read_also[page])
    ended = is_second | (at > tail[page])
    # `change`: the line at which the section that the label opened gives way to another.
    change = np.minimum(next_paragraph[np.minimum(at + 1, n)], stop)
    opened = np.select(
        [kind == SOURCE, kind == KEYWORDS, kind == READ_ALSO, kind == RELATED],
        [
            np.where(form == ALONE, Section.SOURCE, Section.SIGNATURE),
            np.where(form == ALONE, Section.KEYWORDS, Section.SIGNATURE),
            Section.LINK,
            Section.LINK,
        ],
        default=Section.PROMOTION,
    )
    then = np.where(ended, Section.PROMOTION, Section.BODY)
    value_ends = np.minimum(at + 2, stop)
    change = np.where((kind == SOURCE) & (form == ALONE), np.minimum(value_ends, change), change)
    then = np.where((kind == SOURCE) & ~heads, Section.SIGNATURE, then)
    then = np.where(heads | (kind == KEYWORDS), Section.BODY, then)
    keyword_line = (kind == KEYWORDS) & (form == ALONE)  # its first line may be long
    change = np.where(keyword_line, np.minimum(next_paragraph[np.minimum(at + 2, n)], stop), change)
    main_call = (kind == READ_ALSO) & (at == read_also[page])
    inline = (kind == READ_ALSO) & ~main_call
    one_link = np.where(form == ALONE, at + 2, at + 1)
    change = np.where(inline, np.minimum(next_plain[np.minimum(one_link, n)], stop), change)
    then = np.where(inline, np.where(is_second, Section.BODY, then), then)
    resumes = (kind == RELATED) & (form != ALONE) & ~ended
    change = np.where(resumes, at + 1, change)
    change = np.where(main_call, at + 1, change)
    then = np.where(main_call, Section.BODY, then)
    follows, changes = at + 1 < end, change < stop
    starts = lines.start[lines.start < lines.end]
    marks = np.concatenate((starts, at[follows] + 1, change[changes]))
    codes = np.concatenate((np.zeros_like(starts), opened[follows], then[changes]))
    # Later marks win where two fall on one line: a change over the section it ends.
    order = np.lexsort((np.arange(len(marks)), marks))
    marks, codes = marks[order], codes[order]
    spans = np.diff(np.append(marks, n))
    section = np.repeat(codes, spans).astype(np.uint8)
    section[c.at] = Section.LABEL
    section[c.at[c.kind == PROMOTION]] = Section.PROMOTION
    section[c.at[c.kind == CONTACT]] = Section.CONTACT
    section[c.at[c.kind == AUTHOR]] = Section.SIGNATURE
    section[(section == Section.PROMOTION) & lines.bullet] = Section.LINK
    return section

"""Admission: which candidate is a real label.

A label's word stands in prose too ("وقال المصدر: …", the source said), so a candidate is taken by
its form (alone, marked by punctuation, bare) and by the lines around it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from marsad.parse.candidates import ALONE, BARE, MARKED, find_candidates
from marsad.parse.labels import AUTHOR, CONTACT, KEYWORDS, KINDS, RELATED, Labels
from marsad.parse.lines import Bools, Lines
from marsad.parse.slices import Ints

# Real names and titles are shorter.
_SOURCE_WORDS, _BARE_SOURCE_WORDS, _AUTHOR_WORDS, _DATE_WORDS = 16, 8, 8, 14
_LINES_AFTER_SOURCE = 4  # signature and the like; more short lines are a dialogue or a list
_PROMOTION_BYTES = 700


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates as arrays, with what stands around them."""

    at: Ints
    kind: Ints
    form: Ints
    words: Ints
    page: Ints
    start: Ints  # of its page
    end: Ints


def find_labels(lines: Lines, labels: Labels) -> tuple[pl.DataFrame, Candidates]:
    """Find the labels of all pages, as rows of `find_candidates` and as arrays."""
    rows = find_candidates(lines.table, labels)
    c = Candidates(
        at=rows["line"].cast(pl.Int64).to_numpy(),
        kind=rows["kind"].cast(pl.Int64).to_numpy(),
        form=rows["form"].cast(pl.Int64).to_numpy(),
        words=rows["n_value_words"].to_numpy(),
        page=(page := lines.page[rows["line"].to_numpy()]),
        start=lines.start[page],
        end=lines.end[page],
    )
    by_form = _admitted_by_form(lines, rows, c)
    taken = by_form & _admitted_by_place(lines, c, by_form)
    names = Candidates.__slots__
    return rows.filter(pl.Series(taken)), Candidates(*(getattr(c, name)[taken] for name in names))


def _admitted_by_form(lines: Lines, rows: pl.DataFrame, c: Candidates) -> Bools:
    """Judge each candidate by its own line."""
    paragraph, closed = lines.paragraph[c.at], lines.closed[c.at]
    has_digit = rows["value"].str.contains(r"\d").to_numpy()
    is_address = rows["value"].str.contains(r"@|www\.|http|\d{5}").to_numpy()
    has_mark = rows["value"].str.contains(r"[:«\"“؟!]").to_numpy()
    alone, marked, bare = c.form == ALONE, c.form == MARKED, c.form == BARE
    bare_value = bare & rows["bare"].to_numpy()
    short = ~paragraph & marked
    admitted: Bools = np.select(
        [c.kind == kind for kind in range(len(KINDS))],
        [
            alone
            | (short & (c.words <= _SOURCE_WORDS))
            | (bare & ~closed & ~has_mark & (c.words <= _BARE_SOURCE_WORDS)),
            alone | marked | (bare_value & ~closed),
            alone | short | (bare_value & ~paragraph),
            alone | (short & (c.words >= 2)) | (bare_value & ~paragraph),
            alone,
            has_digit & (c.words <= _DATE_WORDS),
            has_digit & (c.words <= _DATE_WORDS),
            short & (c.words <= _AUTHOR_WORDS) & ~closed,
            is_address & (c.words <= _AUTHOR_WORDS),
            lines.size[c.at] < _PROMOTION_BYTES,
        ],
        default=False,
    )
    admitted &= ~rows["quoted"].to_numpy()
    return admitted


def _admitted_by_place(lines: Lines, c: Candidates, by_form: Bools) -> Bools:
    """Judge each candidate by the lines around it."""
    is_bound = by_form & ((c.form != BARE) | (c.kind == KEYWORDS))
    is_bound &= (c.kind != AUTHOR) & (c.kind != CONTACT)
    bounds = np.append(c.at[is_bound], len(lines.page))
    bound = np.minimum(bounds[np.searchsorted(bounds, c.at, side="right")], c.end)
    paragraphs = np.concatenate(([0], np.cumsum(lines.paragraph)))
    after = paragraphs[bound] - paragraphs[c.at + 1]
    before = paragraphs[c.at] - paragraphs[c.start]
    has_next = c.at + 1 < c.end
    next_line = np.minimum(c.at + 1, len(lines.page) - 1)
    next_paragraph = has_next & lines.paragraph[next_line]
    next_bullet = has_next & lines.bullet[next_line]
    related_next = np.isin(next_line, c.at[by_form & (c.kind == RELATED)]) & has_next
    trailing = (after == 0) & (bound - c.at - 1 <= _LINES_AFTER_SOURCE)
    heading = (before == 0) & (after > 0) & ~next_paragraph | (before == 0) & (c.form == MARKED)
    anywhere = np.ones(len(c.at), dtype=np.bool_)
    return np.select(
        [c.kind == kind for kind in range(len(KINDS))],
        [
            np.where(c.form == BARE, bound == c.at + 1, trailing | heading),
            np.select(
                [c.form == ALONE, c.form == BARE],
                [~(next_paragraph & lines.closed[next_line]), bound == c.at + 1],
                default=anywhere,
            ),
            anywhere,
            (c.form != ALONE) | ~next_paragraph | next_bullet,
            ~has_next | related_next | next_bullet,
            (c.form == MARKED) | (before == 0),
            (c.form == MARKED) | (before == 0),
            (before == 0) | trailing,
            anywhere,
            anywhere,
        ],
        default=False,
    )

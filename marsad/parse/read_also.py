"""The second article of a page: its title, its publisher's line, and whether it is one at all."""

from typing import Final

import numpy as np
import polars as pl

from marsad.parse.labels import READ_ALSO, USER
from marsad.parse.lines import Lines
from marsad.parse.sections import Section, Sections
from marsad.parse.slices import Ints

_PUBLISHER_WORDS: Final = 8
_TRAILING_DOTS: Final = r"(?:\.\s?\.|…)[\s\p{Cf}.]*$"


def mark_second_articles(lines: Lines, found: Sections, known_names: frozenset[str]) -> None:
    """Mark title and publisher of second articles; one without a body becomes links; in place.

    The aggregator prints the title, then "<publisher> ..", then the body. Below the same label
    other sites print a list of titles, which are links.

    Args:
        lines: of all pages.
        found: its `section` is changed.
        known_names: folded names of known sources, which need no dots to be a publisher.
    """
    section = found.section
    body = np.flatnonzero((section == Section.BODY) & found.second)
    if not len(body):
        return
    pages, first, count = np.unique(lines.page[body], return_index=True, return_counts=True)
    glued = np.isin(found.read_also[pages], _with_value(found))
    row = first + np.where(glued, 0, 1)  # where a publisher may stand
    has_row = row < first + count
    at = body[np.minimum(row, len(body) - 1)]
    words = lines.folded(at).str.count_matches(" ", literal=True).to_numpy() + 1
    dotted = lines.text(at).str.contains(_TRAILING_DOTS).to_numpy()
    known = lines.folded(at).is_in(list(known_names)).to_numpy()
    more = has_row & (row + 1 < first + count)
    publisher = more & (words <= _PUBLISHER_WORDS) & (dotted | known)

    text_rows = np.where(publisher, row + 1, row)
    has_text = text_rows < first + count
    prose = lines.paragraph[body] | lines.closed[body]
    sums = np.concatenate(([0], np.cumsum(prose)))
    end = first + count
    # Where the aggregator's furniture follows, even a text of few words is one.
    is_ours = np.isin(pages, lines.page[_lines_of(found, USER)])
    has_prose = sums[end] - sums[np.minimum(text_rows, end)] > 0
    is_article = has_text & (publisher | is_ours | has_prose)
    listed = ~is_article | lines.bullet[body[first]]
    links = np.isin(lines.page, pages[listed]) & found.second & (section == Section.BODY)
    section[links] = Section.LINK
    section[at[publisher & ~listed]] = Section.PUBLISHER
    section[body[first[~glued & ~listed]]] = Section.TITLE


def _lines_of(found: Sections, kind: int) -> Ints:
    """Return the lines of labels of a kind."""
    return found.labels.filter(pl.col("kind") == kind)["line"].cast(pl.Int64).to_numpy()


def _with_value(found: Sections) -> Ints:
    """Return the lines of labels that have the title on their own line."""
    labels = found.labels.filter((pl.col("kind") == READ_ALSO) & (pl.col("n_value_words") > 0))
    return labels["line"].cast(pl.Int64).to_numpy()

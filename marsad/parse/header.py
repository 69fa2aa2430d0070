"""What stands around a body: the header above it, signature and addresses beside it."""

import numpy as np
import polars as pl

from marsad.parse.labels import KEYWORDS, PUBLISHED, READ_ALSO, SOURCE
from marsad.parse.lines import Bools, Lines
from marsad.parse.sections import Section, Sections
from marsad.parse.slices import Ints

_HEADER_LINES = 6
_SIGNATURE_LINES, _SIGNATURE_WORDS = 4, 6

# "2025-04-03@04:17:41 GMT": how the aggregator prints when a page was updated.
_UPDATED = r"^\d{4}-\d{2}-\d{2}[@T ]\d{2}:\d{2}(?::\d{2})?(?: ?(?:GMT|UTC|Z))?$"
_SENTENCE_END = r"[.!؟?؛،,:…][»\"”’')\]]*$"
# A bound within the pattern (`{0,60}`, `{2,30}`) would take ten milliseconds to compile, for each
# batch again: Polars keeps some thirty patterns. So the two parts are taken out and measured.
_ADDRESS = r"^([^\n@]*?)(?:[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+|(?:^|[\s:(])@(\w\w+?))[\s\p{P}]*$"
_BEFORE_ADDRESS, _HANDLE, _ADDRESS_BYTES = 60, 30, 120


def mark_header(lines: Lines, found: Sections, is_page: Bools) -> None:
    """Mark the header's lines of pages: publisher, updated, title; in place.

    The aggregator's header is "<publisher>:", the time of the update, the title, and the label
    of the publication date; a page may lack any of them. Without a date there is no header.

    Args:
        lines: of all pages.
        found: its `section` is changed.
        is_page: of each page, whether it is a scraped text, not a structured article.
    """
    section, n_pages = found.section, len(lines.start)
    rank = np.arange(len(lines.page)) - lines.start[lines.page]
    top = np.flatnonzero((rank < _HEADER_LINES) & is_page[lines.page] & (section == Section.BODY))
    dated = top[lines.text(top).str.contains(_UPDATED).to_numpy()]
    updated = np.full(n_pages, -1, dtype=np.int64)
    updated[lines.page[dated][::-1]] = dated[::-1]
    labels = found.labels
    at = labels["line"].cast(pl.Int64).to_numpy()
    at = at[(labels["kind"] == PUBLISHED).to_numpy()]
    at = at[(rank[at] < _HEADER_LINES) & is_page[lines.page[at]]]
    published = np.full(n_pages, -1, dtype=np.int64)
    published[lines.page[at][::-1]] = at[::-1]

    pages = np.flatnonzero((updated >= 0) | (published >= 0))
    if not len(pages):
        return
    start, updated, published = lines.start[pages], updated[pages], published[pages]
    section[updated[updated >= 0]] = Section.UPDATED
    with_colon = lines.text(start).str.contains(r"[:：][\s\p{Cf}]*$").to_numpy()
    before_update = (updated == start + 1) | ((updated < 0) & (published > start + 1) & with_colon)
    publisher = before_update & (section[start] == Section.BODY)
    section[start[publisher]] = Section.PUBLISHER
    above = np.where(published >= 0, published - 1, updated + 1)
    inside = (above >= start) & (above < lines.end[pages])
    above = above[inside]
    title = (section[above] == Section.BODY) & ((published[inside] >= 0) | ~lines.paragraph[above])
    section[above[title]] = Section.TITLE
    # Whatever else stands above the publication date is no body.
    header = published >= 0
    for offset in range(_HEADER_LINES):
        line = start[header] + offset
        line = line[line < published[header]]
        section[line[section[line] == Section.BODY]] = Section.SIGNATURE
        header = header & (start + offset < published)


def mark_repeated_titles(
    lines: Lines, found: Sections, title_keys: pl.Series, *, second: bool
) -> None:
    """Mark a body's first line that only repeats the title, where more body follows; in place.

    Args:
        lines: of all pages.
        found: its `section` is changed.
        title_keys: String, of each page, the fold of its title or null.
        second: whether it is about second articles.
    """
    body = np.flatnonzero((found.section == Section.BODY) & (found.second == second))
    pages, first = np.unique(lines.page[body], return_index=True)
    more = np.append(lines.page[body], -1)[first + 1] == pages
    at, pages = body[first[more]], pages[more]
    same = (lines.folded(at) == title_keys.gather(pages)).fill_null(False).to_numpy()
    found.section[at[same]] = Section.REPEATED_TITLE


def mark_addresses(lines: Lines, found: Sections) -> None:
    """Mark lines of bodies that are but an e-mail address or a handle; in place."""
    rows = np.flatnonzero((lines.size < _ADDRESS_BYTES) & _is_loose(found))
    rows = rows[lines.text(rows).str.contains("@", literal=True).to_numpy()]
    if len(rows):
        parts = lines.text(rows).str.extract_groups(_ADDRESS).struct
        is_near = parts.field("1").str.len_chars() <= _BEFORE_ADDRESS
        is_short = parts.field("2").str.len_chars() <= _HANDLE
        is_address = (is_near & is_short.fill_null(True)).fill_null(False)
        found.section[rows[is_address.to_numpy()]] = Section.CONTACT


def _is_loose(found: Sections) -> Bools:
    loose: Bools = np.isin(found.section, (Section.BODY, Section.SIGNATURE))
    return loose


def mark_signatures(lines: Lines, found: Sections, has_header: Bools) -> None:
    """Mark names, places and dates beside a body; in place.

    Below a body they stand before the source, the keywords or `read also`; above it only under a
    header. At most four short lines in a row that close no sentence, and never the whole body.

    Args:
        lines: of all pages.
        found: its `section` is changed.
        has_header: of each page, whether its title stands above the body.
    """
    kinds = found.labels["kind"].to_numpy()
    at = found.labels["line"].cast(pl.Int64).to_numpy()
    anchors = at[np.isin(kinds, (SOURCE, KEYWORDS, READ_ALSO))]
    anchors = anchors[
        ~found.second[anchors]
        | np.isin(kinds, (SOURCE, KEYWORDS))[np.isin(kinds, (SOURCE, KEYWORDS, READ_ALSO))]
    ]
    _sign_below(lines, found, anchors)
    _sign_above(lines, found, has_header)


def _sign_below(lines: Lines, found: Sections, anchors: Ints) -> None:
    section = found.section
    run = np.zeros(len(anchors), dtype=np.int64)
    going = np.ones(len(anchors), dtype=np.bool_)
    start = lines.start[lines.page[anchors]]
    place = anchors - 1
    # Lines that are already no body (promotion, addresses) may stand between.
    for _ in range(2 * _SIGNATURE_LINES + 1):
        active = np.flatnonzero(going & (place >= start))
        at = place[active]
        skip = np.isin(section[at], (Section.PROMOTION, Section.CONTACT, Section.SIGNATURE))
        body = section[at] == Section.BODY
        short = np.zeros_like(skip)
        short[body] = _is_name(lines, at[body])
        run[active] += short
        going[:] = False
        going[active] = skip | short
        place[going] -= 1
        if not going.any():
            break
    # `place` is now the line above the run: it has to be a body's, and to end like one.
    ends = np.zeros(len(anchors), dtype=np.bool_)
    inside = (place >= start) & ~going & (run > 0) & (run <= _SIGNATURE_LINES)
    above = place[inside]
    ends[inside] = (section[above] == Section.BODY) & (
        lines.paragraph[above] | lines.text(above).str.contains(_SENTENCE_END).to_numpy()
    )
    for offset in range(1, 2 * _SIGNATURE_LINES + 1):
        line = (place + offset)[ends & (place + offset < anchors)]
        section[line[section[line] == Section.BODY]] = Section.SIGNATURE


def _sign_above(lines: Lines, found: Sections, has_header: Bools) -> None:
    section = found.section
    body = np.flatnonzero((section == Section.BODY) & ~found.second & has_header[lines.page])
    pages, first = np.unique(lines.page[body], return_index=True)
    body, owner = np.append(body, -1), np.append(lines.page[body], -1)
    for section_of_line in (Section.AUTHOR, Section.SIGNATURE):  # a name, and perhaps a place
        more = owner[np.minimum(first + 1, len(owner) - 1)] == pages
        first, pages = first[more], pages[more]
        below = body[first + 1]
        named = _is_name(lines, body[first]) & (lines.paragraph[below] | lines.closed[below])
        section[body[first[named]]] = section_of_line
        first, pages = first[named] + 1, pages[named]


def _is_name(lines: Lines, rows: Ints) -> Bools:
    """Whether lines are as short as a name, a place or a date, and close no sentence."""
    few = lines.folded(rows).str.count_matches(" ", literal=True).to_numpy() < _SIGNATURE_WORDS
    named: Bools = few & ~lines.bullet[rows] & (lines.size[rows] > 0)
    short = np.flatnonzero(named)  # long lines need not be read to their ends
    texts = lines.text(rows[short])
    # An agency in brackets, "(رويترز)", stays with the text that it vouches for.
    ends = texts.str.contains(_SENTENCE_END) | texts.str.starts_with("(")
    named[short] = ~ends.to_numpy()
    return named

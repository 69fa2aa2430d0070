"""Fields: what the sections of a page say, as columns."""

import numpy as np
import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.candidates import ALONE, clean_names
from marsad.parse.folds import Folds
from marsad.parse.labels import AUTHOR, KEYWORDS, PUBLISHED, READ_ALSO, SOURCE, UPDATED
from marsad.parse.lines import Bools, Lines
from marsad.parse.sections import Section, Sections
from marsad.parse.slices import Ints, slices
from marsad.parse.split import Split

_DELIMITERS = "[،,;؛|#\n]| [-–—•] "
_LAST_UPDATE = "آخر تحديث"  # last updated
_DATE_BEFORE = r"(\d[\d\s:.@/\-]*\d)"


def bodies(lines: Lines, found: Sections, *, second: bool) -> pl.DataFrame:
    r"""Put the bodies of main or second articles together.

    Returns:
        One row a page that has such a body: page (Int64), body (String, paragraphs by a blank
        line), lead (String), n_paragraphs (Int64), folded (String, one line), n_words (Int64, the
        words of that fold, at least 1).
    """
    rows = np.flatnonzero((found.section == Section.BODY) & (found.second == second))
    page, first, n_lines = np.unique(lines.page[rows], return_index=True, return_counts=True)
    opening, closing = rows[first], rows[first + n_lines - 1]
    # A body of lines that follow each other stands in the page as it is to be, if a blank line
    # parts its paragraphs there, and its fold among the folds: nearly all need no copy.
    unbroken = closing - opening + 1 == n_lines
    is_parted = np.append(0, np.cumsum(lines.is_parted))
    as_printed = unbroken & (is_parted[closing] - is_parted[opening] == n_lines - 1)
    # A line of nothing but marks has an empty fold, and leaves two spaces where they are joined.
    keyless = np.append(0, np.cumsum(lines.size == 0))
    as_folded = unbroken & (keyless[closing + 1] == keyless[opening])
    words = np.append(0, np.cumsum(lines.folds.n_words[rows]))
    joined = _joined(lines.text(rows), n_lines, ~as_printed, "\n\n")
    folded = fold_series(_joined(lines.folded(rows), n_lines, ~as_folded, " "))
    return pl.DataFrame(
        [
            pl.Series("page", page),
            _merged(as_printed, _between(lines.split, opening, closing, as_printed), joined).alias(
                "body"
            ),
            lines.text(opening).alias("lead"),
            pl.Series("n_paragraphs", n_lines),
            _merged(as_folded, _between(lines.folds, opening, closing, as_folded), folded).alias(
                "folded"
            ),
            pl.Series("n_words", np.maximum(words[first + n_lines] - words[first], 1)),
        ]
    )


def _between(texts: Split | Folds, first: Ints, last: Ints, chosen: Bools) -> pl.Series:
    """Return what stands from first lines to last ones, of chosen pairs."""
    return slices(texts.data, texts.start[first[chosen]], texts.end[last[chosen]])


def _joined(texts: pl.Series, counts: Ints, chosen: Bools, between: str) -> pl.Series:
    """Join so many texts each, of chosen groups."""
    group = np.repeat(np.arange(len(counts)), counts)
    rows = np.flatnonzero(chosen[group])
    parts = pl.DataFrame([pl.Series("group", group[rows]), texts[pl.Series(rows)].alias("text")])
    groups = parts.group_by("group", maintain_order=True).agg("text")
    return groups.select(pl.col("text").list.join(between)).to_series()


def _merged(chosen: Bools, these: pl.Series, others: pl.Series) -> pl.Series:
    """Put the texts of the chosen and those of the others in one order."""
    place = np.empty(len(chosen), dtype=np.int64)
    place[chosen] = np.arange(len(these))
    place[~chosen] = len(these) + np.arange(len(others))
    return pl.concat([these, others])[pl.Series(place)] if len(others) else these


def joined_lines(lines: Lines, found: Sections, section: Section) -> pl.Series:
    """Join the display lines of a section by newline: of each page, null where it has none.

    The series has the section's name.
    """
    name = section.name.lower()
    rows = np.flatnonzero(found.section == section)
    joined = (
        pl.DataFrame({"page": lines.page[rows], name: lines.text(rows)})
        .group_by("page", maintain_order=True)
        .agg(pl.col(name).str.join("\n"))
    )
    return _of_pages(joined["page"].to_numpy(), joined[name], len(lines.start))


def _of_pages(page: Ints, values: pl.Series, n_pages: int) -> pl.Series:
    """Give each page its value, of which it has at most one; null where it has none."""
    place = np.full(n_pages, len(values), dtype=np.int64)
    place[page] = np.arange(len(values))
    return pl.concat([values, pl.Series([None], dtype=values.dtype)])[pl.Series(place)]


def header_fields(lines: Lines, found: Sections) -> pl.DataFrame:
    """Read title, publisher, dates and author that pages print outside their bodies.

    Returns:
        One row a page, in order: title, publisher, published, updated, author, title_2,
        publisher_2 (String, null where there is none; `_2` of the second article).
    """
    labels, n_pages = found.labels, len(lines.start)
    at = labels["line"].cast(pl.Int64).to_numpy()
    page, kind = lines.page[at], labels["kind"].to_numpy()
    is_filled = (labels["value"] != "").to_numpy()
    dates, is_date, is_update = _dates_before(labels)
    # Every text that may be a field's, and where in it those of the labels stand.
    texts = pl.concat([lines.table["text"], labels["value"], dates])
    value = len(lines.page) + np.arange(len(at))
    date = value + len(at)

    def line(section: Section, *, second: bool = False) -> Ints:
        return _first_lines(lines, found, section, second=second)

    def label(places: Ints, chosen: Bools) -> Ints:
        return _firsts(page[chosen], places[chosen], n_pages)

    body = np.flatnonzero(found.section == Section.BODY)
    first_body = _firsts(lines.page[body], body, n_pages)[page]
    is_above = (first_body < 0) | (at < first_body)
    places = {
        "title": line(Section.TITLE),
        "published": _first_of(
            label(value, is_filled & (kind == PUBLISHED)), label(date, is_date & ~is_update)
        ),
        "updated": _first_of(
            line(Section.UPDATED),
            label(value, is_filled & (kind == UPDATED)),
            label(date, is_date & is_update),
        ),
        "author": _first_of(
            label(value, is_filled & (kind == AUTHOR) & is_above), line(Section.AUTHOR)
        ),
        "title_2": _first_of(
            line(Section.TITLE, second=True),
            label(value, is_filled & (kind == READ_ALSO) & (found.read_also[page] == at)),
        ),
        "publisher": line(Section.PUBLISHER),
        "publisher_2": line(Section.PUBLISHER, second=True),
    }
    chosen = _texts_at(texts, np.concatenate(list(places.values())))
    publishers = -2 * n_pages
    chosen = pl.concat([chosen[:publishers], clean_names(chosen[publishers:])])
    return pl.DataFrame(
        [chosen[n * n_pages : (n + 1) * n_pages].alias(name) for n, name in enumerate(places)]
    )


def first_lines(lines: Lines, found: Sections, section: Section) -> pl.Series:
    """Read the first line of a section of each page's main article; null where it has none."""
    return _texts_at(lines.table["text"], _first_lines(lines, found, section, second=False))


def _first_lines(lines: Lines, found: Sections, section: Section, *, second: bool) -> Ints:
    """Return of each page the first line of a section of its main or second article, else -1."""
    rows = np.flatnonzero((found.section == section) & (found.second == second))
    return _firsts(lines.page[rows], rows, len(lines.start))


def _firsts(page: Ints, places: Ints, n_pages: int) -> Ints:
    """Return of each page the first of the places that are its, else -1."""
    first = np.full(n_pages, -1, dtype=np.int64)
    first[page[::-1]] = places[::-1]  # the first of each page is written last
    return first


def _first_of(*places: Ints) -> Ints:
    """Return of each page the first place that is one."""
    chosen = places[-1]
    for others in reversed(places[:-1]):
        chosen = np.where(others >= 0, others, chosen)
    return chosen


def _texts_at(texts: pl.Series, places: Ints) -> pl.Series:
    """Return the texts at some places; null for -1."""
    at = pl.Series(np.where(places >= 0, places, len(texts)))
    return pl.concat([texts, pl.Series([None], dtype=pl.String())])[at]


def _dates_before(labels: pl.DataFrame) -> tuple[pl.Series, Bools, Bools]:
    """Read the dates that stand before sources' labels.

    Returns:
        Of each label the date (String, nullable), whether there may be one, and whether it says
        that it is of the last update.
    """
    before = labels["before"]
    is_date = before.is_not_null()
    return (
        before.str.extract(_DATE_BEFORE, 1),
        is_date.to_numpy(),
        before.str.contains(_LAST_UPDATE, literal=True).fill_null(False).to_numpy(),
    )


def sources(lines: Lines, found: Sections) -> pl.DataFrame:
    """Read the values of source labels.

    Two of them on one article are joined by " + ", as pages join two names on one line.

    Returns:
        Columns page (Int64), second (Boolean), source (String).
    """
    pieces = _pieces(lines, found, SOURCE, Section.SOURCE)
    pieces = pieces.with_columns(clean_names(pieces["value"]))
    return (
        pieces.filter(pl.col("value") != "")
        .group_by("page", "second", maintain_order=True)
        .agg(pl.col("value").unique(maintain_order=True).str.join(" + ").alias("source"))
    )


def keyword_lines(lines: Lines, found: Sections) -> pl.DataFrame:
    """Read the values of keyword labels.

    Several lines are joined by a space; by a newline where the lines are items of a list or hold
    delimiters, for then a new line delimits too.

    Returns:
        Columns page (Int64), second (Boolean), keywords (String).
    """
    pieces = _pieces(lines, found, KEYWORDS, Section.KEYWORDS).filter(pl.col("value") != "")
    listed = (pl.col("item").sum() > 1) | pl.col("value").str.contains(_DELIMITERS).any()
    return pieces.group_by("page", "second", maintain_order=True).agg(
        pl.when(listed)
        .then(pl.col("value").str.join("\n"))
        .otherwise(pl.col("value").str.join(" "))
        .alias("keywords")
    )


def _pieces(lines: Lines, found: Sections, kind: int, section: Section) -> pl.DataFrame:
    """Values on the labels' own lines and on lines below, in order."""
    labels = found.labels.filter((pl.col("kind") == kind) & (pl.col("form") != ALONE))
    at = labels["line"].cast(pl.Int64).to_numpy()
    rows = np.flatnonzero(found.section == section)
    line = np.concatenate((at, rows))
    table = pl.DataFrame(
        {
            "line": line,
            "page": lines.page[line],
            "second": found.second[line],
            "value": pl.concat([labels["value"].rename("text"), lines.text(rows)]),
            "item": np.concatenate((np.zeros(len(at)), np.ones(len(rows)))),
        }
    )
    return table.sort("line")


def has_line(lines: Lines, found: Sections, section: Section) -> Bools:
    """Whether each page's main article has a line of a section."""
    has = np.zeros(len(lines.start), dtype=np.bool_)
    has[lines.page[(found.section == section) & ~found.second]] = True
    return has


def by_article(values: pl.DataFrame, name: str, n_pages: int) -> tuple[pl.Series, pl.Series]:
    """Part values into those of main articles (`name`) and of second ones (`name_2`), by page."""
    second = values["second"]
    main, other = values.filter(~second), values.filter(second)
    return (
        _of_pages(main["page"].to_numpy(), main[name], n_pages),
        _of_pages(other["page"].to_numpy(), other[name].alias(f"{name}_2"), n_pages),
    )

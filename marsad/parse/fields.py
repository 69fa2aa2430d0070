"""Fields: what the sections of a page say, as columns."""

import numpy as np
import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.candidates import ALONE, clean_names
from marsad.parse.labels import AUTHOR, KEYWORDS, PUBLISHED, READ_ALSO, SOURCE, UPDATED
from marsad.parse.lines import Bools, Lines
from marsad.parse.sections import Section, Sections

_DELIMITERS = "[،,;؛|#\n]| [-–—•] "


def bodies(lines: Lines, found: Sections, *, second: bool) -> pl.DataFrame:
    r"""Put the bodies of main or second articles together.

    Returns:
        One row a page that has such a body: page (Int64), body (String, paragraphs by a blank
        line), lead (String), n_paragraphs (Int64), folded (String, one line).
    """
    chosen = pl.Series((found.section == Section.BODY) & (found.second == second))
    texts = pl.DataFrame(
        {"page": lines.page, "body": lines.table["text"], "folded": lines.table["folded"]}
    )
    joined = (
        texts.filter(chosen)
        .group_by("page", maintain_order=True)
        .agg("body", "folded")
        .select(
            "page",
            pl.col("body").list.join("\n\n"),
            pl.col("body").list.first().alias("lead"),
            pl.col("body").list.len().cast(pl.Int64).alias("n_paragraphs"),
            pl.col("folded").list.join(" "),
        )
    )
    # A line of nothing but marks has an empty fold and leaves two spaces.
    gaps = np.unique(lines.page[chosen.to_numpy() & (lines.size == 0)])
    if len(gaps):
        rows = joined["page"].search_sorted(gaps)
        folded = joined["folded"]
        joined = joined.with_columns(folded.scatter(rows, fold_series(folded.gather(rows))))
    return joined


def joined_lines(lines: Lines, found: Sections, section: Section, name: str) -> pl.DataFrame:
    """Join the display lines of a section by newline: columns page, `name`."""
    rows = np.flatnonzero(found.section == section)
    return (
        pl.DataFrame({"page": lines.page[rows], name: lines.text(rows)})
        .group_by("page", maintain_order=True)
        .agg(pl.col(name).str.join("\n"))
    )


def header_fields(lines: Lines, found: Sections, n_pages: int) -> pl.DataFrame:
    """Read title, publisher, dates and author that pages print outside their bodies.

    Returns:
        One row a page, in order: page (Int64), and title, publisher, published, updated, author,
        title_2, publisher_2 (String, null where there is none; `_2` of the second article).
    """
    table = pl.DataFrame({"page": pl.int_range(n_pages, dtype=pl.Int64, eager=True)})
    labels = found.labels
    pages = pl.Series("page", lines.page[labels["line"].to_numpy()], dtype=pl.Int64)
    labels = labels.with_columns(pages)
    fields = [
        one_line(lines, found, Section.TITLE, second=False, name="title"),
        _cleaned(
            one_line(lines, found, Section.PUBLISHER, second=False, name="publisher"), "publisher"
        ),
        _coalesced(_value(labels, PUBLISHED), _before(labels, updated=False), "published"),
        _coalesced(
            _coalesced(
                one_line(lines, found, Section.UPDATED, second=False, name="value"),
                _value(labels, UPDATED),
                "value",
            ),
            _before(labels, updated=True),
            "updated",
        ),
        _coalesced(
            _value(labels.filter(_above_body(lines, found)), AUTHOR),
            one_line(lines, found, Section.AUTHOR, second=False, name="value"),
            "author",
        ),
        _coalesced(
            one_line(lines, found, Section.TITLE, second=True, name="value"),
            _value(
                labels.filter(
                    pl.col("line").cast(pl.Int64) == pl.Series(found.read_also[pages.to_numpy()])
                ),
                READ_ALSO,
            ),
            "title_2",
        ),
        _cleaned(
            one_line(lines, found, Section.PUBLISHER, second=True, name="publisher_2"),
            "publisher_2",
        ),
    ]
    for field in fields:
        table = table.join(field, on="page", how="left", maintain_order="left")
    return table


def one_line(
    lines: Lines, found: Sections, section: Section, *, second: bool, name: str
) -> pl.DataFrame:
    """Read the first line of a section of main or second articles: columns page, `name`."""
    rows = np.flatnonzero((found.section == section) & (found.second == second))
    table = pl.DataFrame({"page": lines.page[rows], name: lines.text(rows)})
    return table.unique("page", keep="first", maintain_order=True)


def _above_body(lines: Lines, found: Sections) -> pl.Series:
    """Whether each label stands above its page's body."""
    body = np.flatnonzero(found.section == Section.BODY)
    first = np.full(len(lines.start), len(lines.page), dtype=np.int64)
    first[lines.page[body][::-1]] = body[::-1]
    at = found.labels["line"].to_numpy()
    return pl.Series(at < first[lines.page[at]])


def _cleaned(table: pl.DataFrame, name: str) -> pl.DataFrame:
    return table.with_columns(clean_names(table[name]))


def _value(labels: pl.DataFrame, kind: int) -> pl.DataFrame:
    chosen = labels.filter((pl.col("kind") == kind) & (pl.col("value") != ""))
    return chosen.select("page", "value").unique("page", keep="first", maintain_order=True)


def _before(labels: pl.DataFrame, *, updated: bool) -> pl.DataFrame:
    """Dates that stand before a source's label; with "last updated" they say so."""
    is_update = pl.col("before").str.contains("آخر تحديث")  # last updated
    chosen = labels.filter(is_update == updated)
    return chosen.select(
        "page", pl.col("before").str.extract(r"(\d[\d\s:.@/\-]*\d)", 1).alias("value")
    ).unique("page", keep="first", maintain_order=True)


def _coalesced(first: pl.DataFrame, then: pl.DataFrame, name: str) -> pl.DataFrame:
    both = pl.concat([first.select("page", "value"), then.select("page", "value")])
    return both.unique("page", keep="first", maintain_order=True).rename({"value": name})


def sources(lines: Lines, found: Sections) -> pl.DataFrame:
    """Read the values of source labels.

    Two of them on one article are joined by " + ", as pages join two names on one line.

    Returns:
        Columns page (Int64), second (Boolean), source (String).
    """
    pieces = _cleaned(_pieces(lines, found, SOURCE, Section.SOURCE), "value")
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


def by_article(values: pl.DataFrame, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part values into those of main articles (`name`) and of second ones (`name_2`)."""
    return (
        values.filter(~pl.col("second")).select("page", name),
        values.filter("second").select("page", pl.col(name).alias(f"{name}_2")),
    )

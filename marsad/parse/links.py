"""Related links: the titles below "similar articles" and the like, one a line."""

import numpy as np
import polars as pl

from marsad.parse.candidates import ALONE
from marsad.parse.labels import KEYWORDS, READ_ALSO, RELATED, SOURCE, USER
from marsad.parse.lines import BULLET, Bools, Lines
from marsad.parse.sections import Section, Sections
from marsad.parse.slices import Ints

# A date or a time alone on its line, which some sites print above each title.
_DATE_ALONE = (
    r"^[\s\p{P}•]*(?:[\d٠-٩۰-۹]{1,4}[-/.][\d٠-٩۰-۹]{1,2}[-/.][\d٠-٩۰-۹]{1,4}|"
    r"(?:\p{L}+[،,]?\s+)?[\d٠-٩۰-۹]{1,2}[\s,،]+\p{L}+(?:\s*/\s*\p{L}+)?[\s,،]+[\d٠-٩۰-۹]{4})"
    r"(?:[\sTt,،@|\-–]*[\d٠-٩۰-۹]{1,2}:[\d٠-٩۰-۹]{2}(?::[\d٠-٩۰-۹]{2})?)?(?:\s*\p{L}{1,5})?[\s\p{P}]*$"
)
_INVISIBLE = "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def find_links(lines: Lines, found: Sections) -> pl.DataFrame:
    """Collect the links of each page.

    Those of the page's block of related articles come first, in their order; then the ones that
    stand elsewhere: in the midst of a body, or below `read also` with no text of their own.

    Returns:
        Columns page (Int64), position (Int64, from 1), title (String).
    """
    rows = np.flatnonzero(found.section == Section.LINK)
    dates = lines.text(rows).str.contains(_DATE_ALONE).to_numpy()
    found.section[rows[dates]] = Section.PROMOTION
    rows = rows[~dates]
    labels = found.labels
    at = labels["line"].cast(pl.Int64).to_numpy()
    kind, form = labels["kind"].to_numpy(), labels["form"].to_numpy()
    opens = np.isin(kind, (SOURCE, KEYWORDS, READ_ALSO, RELATED, USER))
    opened_by = np.append(kind[opens], 0)[np.searchsorted(at[opens], rows) - 1]
    glued = (
        (form != ALONE) & np.isin(kind, (READ_ALSO, RELATED)) & ~_opens_article(lines, found, at)
    )
    titles = lines.text(rows).str.replace(BULLET, "").str.strip_chars()
    titles = titles.str.strip_chars(_INVISIBLE).str.strip_chars()
    links = pl.DataFrame(
        {
            "line": np.concatenate((rows, at[glued])),
            "page": np.concatenate((lines.page[rows], lines.page[at[glued]])),
            "elsewhere": np.concatenate(
                (~np.isin(opened_by, (RELATED, USER)), np.ones(int(glued.sum()), dtype=np.bool_))
            ),
            "title": pl.concat([titles, labels["value"].filter(pl.Series(glued)).rename("text")]),
        }
    )
    links = links.filter(pl.col("title") != "").sort("page", "elsewhere", "line")
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("page")
    return links.select("page", position.alias("position"), "title")


def _opens_article(lines: Lines, found: Sections, at: Ints) -> Bools:
    """Whether labels open a second article that has a body."""
    has_body = np.zeros(len(lines.start), dtype=np.bool_)
    has_body[lines.page[(found.section == Section.BODY) & found.second]] = True
    page = lines.page[at]
    opens: Bools = (found.read_also[page] == at) & has_body[page]
    return opens

"""Pages as lines: one table of non-blank lines, display text beside its fold."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.arabic import fold_rows
from marsad.parse.slices import Ints, slices
from marsad.parse.split import split_rows

Bools = npt.NDArray[np.bool_]

#: Marks of a list's items: bullets, dashes and arrows, or a number and what closes it. U+FE0E and
#: U+FE0F behind a mark choose its look, U+20E3 draws a key around a digit.
BULLET: Final = (
    r"^[\p{Cf}\s]*(?:[•●▪▫◦‣⁃∙·○■□◾◽▸►▶◄◀➤➢➔→←✔✅★☆❖◆◇♦*»›🔹🔸👈]+|[0-9]\x{fe0f}?\x{20e3}|[\-–—+](?:\s|\p{Cf})|[0-9٠-٩۰-۹]{1,2}\s?[\-.)–:](?:\s|\p{Cf}))"
    r"[\s\p{Cf}\x{fe0e}\x{fe0f}]*"
)

# A paragraph is long (some 22 words), or middling and closed by a full stop. Titles, names and
# labels are neither. Bytes of folded UTF-8, two a letter.
_LONG, _MIDDLING = 260, 90
_FULL_STOP = r"[^.…\s]\s*\.[»\"”’')\]]*$"

#: Tags that a scraper left in a text: those that end a line where they stand, and those that mark
#: words within one. Others may be the text's own ("<اسم المستخدم>", user name).
_BREAKING_TAG = (
    r"(?i)</?(?:p|div|br|hr|li|ul|ol|h[1-6]|table|tr|td|section|article|blockquote|center)"
    r"(?:\s[^<>\n]{0,300})?/?>"
)
_INLINE_TAG = r"(?i)</?(?:b|strong|i|em|u|span|font|a|small|big)(?:\s[^<>\n]{0,300})?/?>"
_NEWLINES = "\r\n|[\r\u2028\u2029\u0085\u000b\u000c]"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all pages of a batch that are not blank, in order.

    Attributes:
        table: columns text and folded (String), a row a line; text has no space at its ends.
        page: of each line, its page (the row in the batch).
        start: of each page, its first line.
        end: of each page, the line after its last.
        size: of each line, the bytes of its fold.
        closed: whether the line ends with one full stop.
        paragraph: whether the line is too long for a title or a name.
        bullet: whether the line begins as an item of a list.
    """

    table: pl.DataFrame
    page: Ints
    start: Ints
    end: Ints
    size: Ints
    closed: Bools
    paragraph: Bools
    bullet: Bools

    def text(self, rows: Ints) -> pl.Series:
        """Return the display text of some lines."""
        return self.table["text"][pl.Series(rows)]

    def folded(self, rows: Ints) -> pl.Series:
        """Return the fold of some lines."""
        return self.table["folded"][pl.Series(rows)]


def split_lines(texts: pl.Series, running: str = "") -> Lines:
    r"""Split pages into lines.

    `\r\n`, `\r`, U+2028, U+2029, NEL, VT and FF end a line as `\n` does, and tags of HTML that
    break a line; tags that mark words are taken away.

    Args:
        texts: String, one a page, none null.
        running: see `Labels.running`; what it finds begins a line of its own.
    """
    odd = texts.str.contains(_NEWLINES).arg_true()
    if len(odd):
        texts = texts.scatter(odd, texts.gather(odd).str.replace_all(_NEWLINES, "\n"))
    texts = _without_tags(texts)
    if running and texts.str.contains(running).any():
        texts = texts.str.replace(running, "${1}\n${2}")
    split = split_rows(texts)
    table = pl.DataFrame(
        {
            "page": split.row,
            "text": slices(split.data, split.start, split.end),
            "folded": fold_rows(split.data, split.start, split.end),
        }
    )
    # A line without a key may be an ellipsis or stars, which stay, or invisible, which goes.
    keyless = (table["folded"] == "").arg_true()
    is_seen = table["text"].gather(keyless).str.contains(r"[^\s\p{Cf}\p{Cc}]")
    if not is_seen.all():
        kept = pl.repeat(True, table.height, dtype=pl.Boolean, eager=True)
        table = table.filter(kept.scatter(keyless, is_seen))
    page = table["page"].to_numpy()
    size = table["folded"].str.len_bytes().cast(pl.Int64).to_numpy()
    closed = table["text"].str.contains(_FULL_STOP).to_numpy()
    return Lines(
        table=table.select("text", "folded"),
        page=page,
        start=np.searchsorted(page, np.arange(len(texts)), side="left"),
        end=np.searchsorted(page, np.arange(len(texts)), side="right"),
        size=size,
        closed=closed,
        paragraph=(size >= _LONG) | ((size >= _MIDDLING) & closed),
        bullet=table["text"].str.contains(BULLET).to_numpy(),
    )


def _without_tags(texts: pl.Series) -> pl.Series:
    rows = texts.str.contains("<", literal=True).arg_true()
    if not len(rows):
        return texts
    plain = texts.gather(rows).str.replace_all(_BREAKING_TAG, "\n").str.replace_all(_INLINE_TAG, "")
    return texts.scatter(rows, plain)

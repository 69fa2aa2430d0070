"""Pages as lines: one table of non-blank lines, display text beside its fold."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.arabic import fold_rows
from marsad.parse.folds import Folds
from marsad.parse.slices import Ints, slices
from marsad.parse.split import Split, split_rows

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
# The last bytes of what may stand at the end of a line that a full stop closes.
_CLOSING: Final = np.zeros(256, dtype=np.bool_)
_CLOSING[[mark.encode()[-1] for mark in ".»\"”’')]"]] = True
# The first and the last letter of Arabic's alphabet, as two bytes of UTF-8.
_HAMZA, _YEH = (int.from_bytes(letter.encode(), "big") for letter in "ءي")

#: Tags that a scraper left in a text: those that end a line where they stand, and those that mark
#: words within one. Others may be the text's own ("<اسم المستخدم>", user name).
_BREAKING_TAG = (
    r"(?i)</?(?:p|div|br|hr|li|ul|ol|h[1-6]|table|tr|td|section|article|blockquote|center)"
    r"(?:\s[^<>\n]{0,300})?/?>"
)
_INLINE_TAG = r"(?i)</?(?:b|strong|i|em|u|span|font|a|small|big)(?:\s[^<>\n]{0,300})?/?>"
_NEWLINE_TWICE = b"\n\n"
_NEWLINES = "\r\n|[\r\u2028\u2029\u0085\u000b\u000c]"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of all pages of a batch that are not blank, in order.

    Attributes:
        table: columns text and folded (String), a row a line; text has no space at its ends.
        page: of each line, its page (the row in the batch).
        start: of each page, its first line.
        end: of each page, the line after its last.
        split: where in the pages the texts stand.
        folds: the folds, and how many words each has.
        is_parted: whether nothing but a blank line stands between it and the line below.
        size: of each line, the bytes of its fold.
        closed: whether the line ends with one full stop.
        paragraph: whether the line is too long for a title or a name.
        bullet: whether the line begins as an item of a list.
    """

    table: pl.DataFrame
    page: Ints
    start: Ints
    end: Ints
    split: Split
    folds: Folds
    is_parted: Bools
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
    folds = fold_rows(split.data, split.start, split.end)
    # A line without a key may be an ellipsis or stars, which stay, or invisible, which goes.
    keyless = np.flatnonzero(folds.start == folds.end)
    unseen = slices(split.data, split.start[keyless], split.end[keyless])
    is_seen = unseen.str.contains(r"[^\s\p{Cf}\p{Cc}]").to_numpy()
    if not is_seen.all():
        kept = np.ones(len(split.row), dtype=np.bool_)
        kept[keyless] = is_seen
        split = Split(split.data, split.start[kept], split.end[kept], split.row[kept])
        folds = Folds(folds.data, folds.start[kept], folds.end[kept], folds.n_words[kept])
    table = pl.DataFrame(
        {"text": slices(split.data, split.start, split.end), "folded": folds.texts()}
    )
    page = split.row
    size = folds.end - folds.start
    closed = _matching(table["text"], _may_be_closed(split), _FULL_STOP)
    return Lines(
        table=table,
        page=page,
        start=np.searchsorted(page, np.arange(len(texts)), side="left"),
        end=np.searchsorted(page, np.arange(len(texts)), side="right"),
        split=split,
        folds=folds,
        is_parted=_is_parted(split),
        size=size,
        closed=closed,
        paragraph=(size >= _LONG) | ((size >= _MIDDLING) & closed),
        bullet=_matching(table["text"], ~_begins_with_letter(split), BULLET),
    )


def _matching(texts: pl.Series, may: Bools, pattern: str) -> Bools:
    """Tell which texts match a pattern, of those that may."""
    matching = np.zeros(len(texts), dtype=np.bool_)
    rows = np.flatnonzero(may)
    matching[rows] = texts[pl.Series(rows)].str.contains(pattern).to_numpy()
    return matching


def _is_parted(split: Split) -> Bools:
    """Tell between which lines and the ones below stands nothing but two newlines."""
    behind = split.end[:-1]
    parted = np.zeros(len(split.end), dtype=np.bool_)
    parted[:-1] = split.start[1:] - behind == len(_NEWLINE_TWICE)
    at = np.flatnonzero(parted)
    for place, byte in enumerate(_NEWLINE_TWICE):
        parted[at] &= split.data[split.end[at] + place] == byte
    return parted


def _may_be_closed(split: Split) -> Bools:
    """Tell by their last byte which lines may match `_FULL_STOP`."""
    return _CLOSING[split.data[split.end - 1]]


def _begins_with_letter(split: Split) -> Bools:
    """Tell which lines begin with a letter of Arabic from hamza to yeh; no bullet does."""
    # The last byte may stand alone; what is behind it is not looked at then.
    second = split.data[np.minimum(split.start + 1, len(split.data) - 1)]
    both = split.data[split.start].astype(np.uint16) << 8 | second
    begins: Bools = (both >= _HAMZA) & (both <= _YEH)
    return begins


def _without_tags(texts: pl.Series) -> pl.Series:
    rows = texts.str.contains("<", literal=True).arg_true()
    if not len(rows):
        return texts
    plain = texts.gather(rows).str.replace_all(_BREAKING_TAG, "\n").str.replace_all(_INLINE_TAG, "")
    return texts.scatter(rows, plain)

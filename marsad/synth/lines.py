"""Lines of a page other than its bodies: header, keywords, second article's title, related links.

Each function takes the page's numbers and appends to its blocks; shares of variants are chosen so
that a corpus of some thousand pages holds hundreds of each.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from marsad.synth.articles import Article, Press
from marsad.synth.dates import aggregator_date, arabic_date, impossible_date
from marsad.synth.labels import Labels, with_marks

#: Which of a page's numbers in [0, 1) decides what.
N_CHOICES: Final = 38
HEADER, HEADER_GAP, TITLE_AGAIN, DATE_FORM, DATE_DIGITS, AUTHOR, HEADER_CONTACT = range(7)
NEWLINE, DIGITS, LETTER, LINE_ENDS, MARKS = range(7, 12)
SIGNATURE, SIGNATURES, PROMOTION, PROMOTION_FORM, CONTACT, CONTACT_FORM = range(12, 18)
SOURCE, SOURCE_LABEL, SOURCE_FORM, SOURCE_SHAPE, SOURCE_NAME, SOURCE_MORE = range(18, 24)
KEYWORDS, KEYWORDS_LABEL, KEYWORDS_SHAPE = range(24, 27)
READ_ALSO, READ_ALSO_LABEL, READ_ALSO_SHAPE, READ_ALSO_NAME, READ_ALSO_FORM = range(27, 32)
END, FURNITURE, RELATED_LABEL, RELATED_SHAPE, BULLET, PUBLISHER_NAME = range(32, 38)

_AUTHOR_PLACE: Final = 32  # stream of phrases


@dataclass(slots=True)
class Draft:
    """A page while it is written.

    Attributes:
        press: all that articles are made from.
        labels: labels and lines with a form.
        number: the page's.
        share: numbers in [0, 1) that decide the page.
        separator: what stands between blocks.
        marks: invisible characters in labels; see `with_marks`.
        blocks: what is written so far, in UTF-8.
        variants: names of what this page has that the plain template has not.
    """

    press: Press
    labels: Labels
    number: int
    share: list[float]
    separator: bytes = b"\n\n"
    marks: str = ""
    blocks: list[bytes] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)

    def label(self, among: tuple[bytes, ...], choice: int) -> bytes:
        """One label of several, mostly the aggregator's own."""
        share = self.share[choice]
        if share < 0.7:
            return with_marks(among[0], self.marks)
        self.variants.append("label_synonym")
        return with_marks(among[int((share - 0.7) / 0.3 * len(among))], self.marks)


def header(draft: Draft, article: Article, seen: str, published: date) -> bool:
    """Write the header's four lines.

    Args:
        draft: the page.
        article: its main article.
        seen: date and time of the page, `2025-04-03@04:17:41 GMT`.
        published: the article's date.

    Returns:
        whether the date of publication is a date.
    """
    share = draft.share
    form = share[DATE_FORM]
    if form < 0.02:
        day = impossible_date(published)
        draft.variants.append("impossible_date")
    elif form < 0.14:
        months = draft.labels.months
        family = months[int(form * 1000) % len(months)]
        day = arabic_date(published, family, arabic_digits=share[DATE_DIGITS] < 0.5)
        draft.variants.append("arabic_date")
    else:
        day = aggregator_date(published)
    publisher = article.publisher.printed(share[PUBLISHER_NAME])
    lines = (
        publisher + b":",
        seen.encode(),
        article.title,
        with_marks(draft.labels.published, draft.marks) + b": " + day.encode(),
    )
    gap = b"\n" if share[HEADER_GAP] < 0.4 else draft.separator
    draft.blocks.append(gap.join(lines))
    draft.variants.append("header")
    return form >= 0.02


def author(draft: Draft) -> bytes:
    """Write an author's name on a line of its own."""
    draft.variants.append("header_author")
    line = draft.press.grammar.phrase("author", draft.press.seed, _AUTHOR_PLACE, draft.number)
    draft.blocks.append(line.encode())
    return draft.blocks[-1]


def contact(draft: Draft, choice: float) -> bytes:
    """Write an e-mail address or a handle on a line of its own."""
    draft.variants.append("contact")
    name = f"desk{draft.number % 977}"
    line = f"{name}@press.example" if choice < 0.7 else f"@{name}_press"
    draft.blocks.append(line.encode())
    return draft.blocks[-1]


def keyword_line(draft: Draft, value: bytes) -> None:
    """Write the keywords; a value of several lines stands below its label."""
    label = draft.label(draft.labels.keywords, KEYWORDS_LABEL)
    shape = draft.share[KEYWORDS_SHAPE]
    if b"\n" in value:
        draft.blocks.append(label + b":\n" + value)
    elif shape < 0.84:
        draft.blocks.append(label + b": " + value)
    elif shape < 0.88:
        draft.blocks.append(label + b" : " + value)
    elif shape < 0.92:
        draft.blocks.append(label + b":" + value)
    elif shape < 0.94:
        draft.blocks.append(label + b" " + value)
        draft.variants.append("keywords_without_colon")
    else:
        draft.blocks.append(label + b":" * (shape < 0.97) + b"\n" + value)
        draft.variants.append("keywords_next_line")


def read_also_title(draft: Draft, title: bytes) -> None:
    """Write the label of the second article and its title, seldom on one line."""
    label = draft.label(draft.labels.read_also, READ_ALSO_LABEL)
    form = draft.share[READ_ALSO_FORM]
    if form > 0.96:
        draft.blocks.append(label + b":" + title)
        draft.variants.append("read_also_title_glued")
    else:
        draft.blocks += (label + b":" if form < 0.9 else label, title)


def related(draft: Draft, titles: list[bytes]) -> None:
    """Write the site's furniture and the list of related titles."""
    share = draft.share
    if share[FURNITURE] >= 0.05:
        draft.blocks.append(draft.labels.furniture)
    label = draft.label(draft.labels.related, RELATED_LABEL)
    draft.blocks.append(label + b":" if share[RELATED_SHAPE] < 0.1 else label)
    bullet = draft.labels.bullets[0]
    if share[BULLET] < 0.1:
        bullet = draft.labels.bullets[int(share[BULLET] * 10 * len(draft.labels.bullets))]
        draft.variants.append("bullets")
    joint = b"\n  " + bullet + b" "
    draft.blocks.append(joint[1:] + joint.join(titles))

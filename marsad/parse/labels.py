"""Labels: the words with which a page names its blocks.

They are data (`data/reference/labels.csv`). A line is a *candidate* if its fold starts with the
fold of a label (`marsad.parse.candidates`); `marsad.parse.admission` says whether it is a real one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from marsad.parse.arabic import fold

#: What a label may announce. `none` takes a label away again (in a user's own file).
KINDS: Final = (
    "source",
    "keywords",
    "read_also",
    "related",
    "user",
    "published",
    "updated",
    "author",
    "contact",
    "promotion",
)

#: Codes of the kinds: their places.
SOURCE, KEYWORDS, READ_ALSO, RELATED, USER, PUBLISHED, UPDATED, AUTHOR, CONTACT, PROMOTION = range(
    len(KINDS)
)

#: Marks a source's label that may also close the last paragraph of a page.
RUNNING: Final = "running"

GAP: Final = "…"  # in a label: any words

# Date and time that some sites print before `source:` on the same line, folded.
DATE_BEFORE = r"(?:اخر تحديث )?\d{4} \d\d? \d\d?(?: \d\d? \d\d(?: \d\d)?)? "
_RUNNING = r'([.!؟»”)"])[ \t\u00a0]*((?:{}) ?: ?[^\n.:؟!،«"]{{2,40}}\.?\s*)$'


@dataclass(frozen=True, slots=True)
class Label:
    """One label of the reference data.

    Attributes:
        kind: one of `KINDS`.
        text: as a page prints it, in any spelling; `…` stands for any words.
        bare: whether a value may follow it with no punctuation between.
    """

    kind: str
    text: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels, made ready to search folded lines.

    Attributes:
        pattern: regular expression that matches the start of a candidate, label included.
        kinds: folded label to the code of its kind (the place in `KINDS`).
        bare: folded labels after which a value needs no punctuation.
        running: regular expression, over display text, of a label with a short value that closes a
            page's last paragraph, in two groups: what the sentence ends with, label and value.
            Empty if no label may.
    """

    pattern: str
    kinds: dict[str, int]
    bare: frozenset[str]
    running: str


def compile_labels(labels: Iterable[Label]) -> Labels:
    """Make labels ready; a later one stands in for an earlier one with the same fold.

    Example: "إقرأ أيضاً" and "اقرا ايضا" (read also) are the same label.

    Raises:
        ValueError: a label is empty or of an unknown kind; the text says which.
    """
    labels = list(labels)
    running = [re.escape(label.text) for label in labels if label.kind == RUNNING]
    chosen: dict[str, Label] = {}
    for label in labels:
        if label.kind == RUNNING:
            continue
        key = f" {GAP} ".join(fold(part) for part in label.text.split(GAP))
        if not key.strip(f" {GAP}"):
            raise ValueError(f"label {label.text!r} has no letters")
        if label.kind not in (*KINDS, "none"):
            raise ValueError(f"label {label.text!r}: kind {label.kind!r} is none of {KINDS}")
        chosen[key] = label
    chosen = {key: label for key, label in chosen.items() if label.kind != "none"}
    longest_first = sorted(chosen, key=lambda key: (-len(key), key))
    plain = [_as_pattern(key) for key in longest_first]
    sources = [_as_pattern(key) for key in longest_first if chosen[key].kind == "source"]
    after_date = f"{DATE_BEFORE}(?:{'|'.join(sources)})|" if sources else ""
    return Labels(
        pattern=f"^(?:{after_date}{'|'.join(plain)})(?: |$)",
        kinds={key.split(f" {GAP} ")[0]: KINDS.index(chosen[key].kind) for key in longest_first},
        bare=frozenset(key for key in chosen if chosen[key].bare),
        running=_RUNNING.format("|".join(running)) if running else "",
    )


def _as_pattern(key: str) -> str:
    return "(?: .*)? ".join(re.escape(part) for part in key.split(f" {GAP} "))

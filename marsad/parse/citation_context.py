"""Whether a name in a body is a citation.

A name alone is none: most newspapers are named after everyday words ("الرياض" is a town, "اليوم"
means today). A citation is a name in a context that quotes: after a reporting verb ("ونقلت فرانس
برس عن"), in brackets ("(رويترز)"), as the one spoken to ("قال لـ«عكاظ»"), or in a dateline
("واشنطن - رويترز").
"""

import re
from typing import Final, NamedTuple

from marsad.parse.arabic import fold
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source

_LEFT: Final = 110  # characters before a name that can make it a citation
_ENDS: Final = "\n!؟?؛"  # of a sentence; and a full stop with a space behind it
_AFTER = re.compile(r"[»\"”'’)\s]{0,3}(\w+)")
_TO: Final = "ل"
_FROM: Final = "عن"
_REPORT: Final = "نقل"  # the stem of "to report"
_QUOTES: Final = frozenset('«»"“”')  # either way round: they are often mistyped
_DATELINE_ENDS: Final = "-–—ـ:/"
_DATELINE_LENGTH: Final = 30
# What follows a name that speaks: that, that he, that she, his saying, her saying.
_SAYING: Final = frozenset({"ان", "انه", "انها", "قوله", "قولها", "قولهم"})
_FOLLOWS_VERB: Final = _SAYING | {"عن"}
# The verbs after which even a name that is an everyday word is a source.
_STRONG_VERBS: Final = frozenset({"نقلت", "ذكرت", "اوردت", "افادت"})


class Named(NamedTuple):
    """A source named at a place in a body.

    Attributes:
        start: of the name, its category word included, a glued "and" or "to" not.
        end: one past its last letter.
        source: what it names.
        prefix: letters glued before it ("ل", to).
        bare: folded, without category word.
        has_category: whether a category word is part of it.
    """

    start: int
    end: int
    source: Source
    prefix: str
    bare: str
    has_category: bool


def is_cited(body: str, named: Named, index: SourceIndex) -> bool:
    """Say whether the words around a name make it a citation."""
    before = body[max(0, named.start - len(named.prefix) - _LEFT) : named.start]
    before = before.removesuffix(named.prefix)
    opened, closed = before[-1:], body[named.end : named.end + 1]
    in_quotes = opened in _QUOTES
    quoted = in_quotes and body[named.end : named.end + 2].lstrip()[:1] in _QUOTES
    if in_quotes and not quoted:
        return False  # the quotes hold more than the name
    everyday = named.bare in index.common or index.is_place(named.bare)
    is_agency = named.source.kind == "agency"
    if opened == "(" and closed == ")" and (is_agency or not everyday):
        return True
    if _in_dateline(body, named) and (is_agency or not everyday):
        return True
    words = fold(before[_sentence_start(before) :]).split(" ")[-12:]
    after = _word_after(body, named.end)
    if everyday and not named.has_category and not quoted:
        return (
            named.bare not in index.generic
            and _verb(words[-1]) in _STRONG_VERBS
            and after in _FOLLOWS_VERB
            and not index.is_place(named.bare)
        )
    return (
        _is_spoken_to(words, named, index)
        or _follows_verb(words, index)
        or (words[-1] == _FROM and any(_REPORT in word[:4] for word in words))
        or (after in _SAYING and not quoted)
    )


def _sentence_start(text: str) -> int:
    """Return where the last sentence begins: much faster than an expression that splits."""
    start = max(map(text.rfind, _ENDS)) + 1
    stop = text.rfind(".", start)
    while stop >= 0 and not text[stop + 1 : stop + 2].isspace():
        stop = text.rfind(".", start, stop)
    return start if stop < 0 else stop + 2


def _in_dateline(body: str, named: Named) -> bool:
    """Say whether a name stands by a dash at the start of a line ("واشنطن - رويترز :")."""
    line = body.rfind("\n", 0, named.start) + 1
    if named.prefix or named.start - line > _DATELINE_LENGTH:
        return False
    left = body[line : named.start].strip(" \u00a0(")
    right = body[named.end : named.end + 4].lstrip(" \u00a0)")
    ends = not right or right[0] in _DATELINE_ENDS + "\n"
    return ends and (not left or left[-1] in _DATELINE_ENDS)


def _is_spoken_to(words: list[str], named: Named, index: SourceIndex) -> bool:
    to = named.prefix.endswith(_TO) or words[-1] == _TO
    if not to or any(word in index.affiliations for word in words[-3:]):
        return False
    return any(_verb(word) in index.speech for word in words)


def _follows_verb(words: list[str], index: SourceIndex) -> bool:
    """Say whether the nearest word that is no filler is a reporting verb."""
    for word in reversed(words[-4:]):
        if _verb(word) in index.verbs or word in index.verbs:
            return word != _TO
        if word not in index.between:
            return False
    return False


def _verb(word: str) -> str:
    """Take a glued "and" or "so" off a verb."""
    return word[1:] if len(word) > 3 and word[0] in "وف" and word not in _KEPT else word


_KEPT: Final = frozenset({"وفقا", "وصفت"})


def _word_after(body: str, end: int) -> str:
    word = _AFTER.match(body, end, end + 24)
    return "" if word is None else fold(word[1])

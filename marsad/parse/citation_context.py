"""Whether a name in a body is a citation.

A name alone is none: most newspapers are named after everyday words ("الرياض" is a town, "اليوم"
means today). A citation is a name in a context that quotes: after a reporting verb ("ونقلت فرانس
برس عن"), in brackets ("(رويترز)"), as the one spoken to ("قال لـ«عكاظ»"), or in a dateline
("واشنطن - رويترز").
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from marsad.parse.arabic import fold
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source

_LEFT: Final = 110  # characters before a name that can make it a citation
_NEAR: Final = 4  # words before it, among which a verb can stand
_FAR: Final = 12  # words, among which someone can speak
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
    """A source named at a place in a line.

    Attributes:
        start: of the name in its line, its category word included, a glued "and" or "to" not.
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


class Contexts:
    """The words around names, looked at one by one; what was folded of them is kept."""

    def __init__(self, index: SourceIndex) -> None:
        self._index = index
        self._pieces: dict[str, tuple[list[str], bool]] = {}

    @property
    def n_kept(self) -> int:
        """How many pieces of text were folded."""
        return len(self._pieces)

    def is_cited(self, line: str, named: Named) -> bool:
        """Say whether the words around a name make it a citation.

        Args:
            line: from where it begins in its body, with what little stands behind it.
        """
        index = self._index
        start, end, source, prefix, bare, has_category = named
        before = start - len(prefix) if line.endswith(prefix, 0, start) else start
        opened = line[before - 1 : before]
        in_quotes = opened in _QUOTES
        quoted = in_quotes and line[end : end + 2].lstrip()[:1] in _QUOTES
        if in_quotes and not quoted:
            return False  # the quotes hold more than the name
        everyday = bare in index.common or index.is_place(bare)
        if not everyday or source.kind == "agency":
            if opened == "(" and line.startswith(")", end):
                return True
            if start <= _DATELINE_LENGTH and _in_dateline(line, named):
                return True
        left = max(0, start - len(prefix) - _LEFT)
        nearest = next(self._words_before(line, left, before), "")
        if everyday and not has_category and not quoted:
            return (
                bare not in index.generic
                and _verb(nearest) in _STRONG_VERBS
                and self._word_after(line, end) in _FOLLOWS_VERB
                and not index.is_place(bare)
            )
        if self._follows_verb(self._words_before(line, left, before)):
            return True
        is_spoken_to = prefix.endswith(_TO) or nearest == _TO
        if is_spoken_to or nearest == _FROM:
            words = list(islice(self._words_before(line, left, before), _FAR))
            if is_spoken_to and self._is_speech(words):
                return True
            if nearest == _FROM and any(_REPORT in word[:4] for word in words):
                return True
        return not quoted and self._word_after(line, end) in _SAYING

    def _words_before(self, line: str, left: int, end: int) -> Iterator[str]:
        """Yield the folded words of a sentence between two places, the last first.

        Piece by piece: few words are looked at, and most pieces were met before.
        """
        is_first = False
        while end > left and not is_first:
            start = max(left, line.rfind(" ", left, end - 1) + 1)
            words, is_first = self._piece(line[start:end])
            yield from words
            end = start

    def _piece(self, text: str) -> tuple[list[str], bool]:
        """Return the folded words of the sentence a piece ends in, the last first.

        Returns:
            Them, and whether the sentence begins there.
        """
        piece = self._pieces.get(text)
        if piece is None:
            start = _sentence_start(text)
            words = fold(text[start:]).split(" ")
            piece = self._pieces[text] = (list(filter(None, reversed(words))), start > 0)
        return piece

    def _follows_verb(self, words: Iterator[str]) -> bool:
        """Say whether the nearest word that is no filler is a reporting verb."""
        index = self._index
        for word in islice(words, _NEAR):
            if _verb(word) in index.verbs or word in index.verbs:
                return word != _TO
            if word not in index.between:
                return False
        return False

    def _is_speech(self, words: list[str]) -> bool:
        """Say whether someone speaks, and is not of the source's own people."""
        if any(word in self._index.affiliations for word in words[:3]):
            return False
        return any(_verb(word) in self._index.speech for word in words)

    def _word_after(self, line: str, end: int) -> str:
        word = _AFTER.match(line, end, end + 24)
        return "" if word is None else " ".join(reversed(self._piece(word[1])[0]))


def _sentence_start(text: str) -> int:
    """Return where the last sentence begins: much faster than an expression that splits."""
    start = max(map(text.rfind, _ENDS)) + 1
    stop = text.rfind(".", start)
    while stop >= 0 and not text[stop + 1 : stop + 2].isspace():
        stop = text.rfind(".", start, stop)
    return start if stop < 0 else stop + 2


def _in_dateline(line: str, named: Named) -> bool:
    """Say whether a name by the start of a line stands by a dash ("واشنطن - رويترز :")."""
    if named.prefix:
        return False
    left = line[: named.start].strip(" \u00a0(")
    right = line[named.end : named.end + 4].lstrip(" \u00a0)")
    ends = not right or right[0] in _DATELINE_ENDS + "\n"
    return ends and (not left or left[-1] in _DATELINE_ENDS)


def _verb(word: str) -> str:
    """Take a glued "and" or "so" off a verb."""
    return word[1:] if len(word) > 3 and word[0] in "وف" and word not in _KEPT else word


_KEPT: Final = frozenset({"وفقا", "وصفت"})

"""Names of sources, read word by word where they may stand in a body."""

import re
from typing import Final, NamedTuple

from marsad.parse.arabic import fold
from marsad.parse.citation_context import Named
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source

#: Longest name, in words, category words among them.
MAX_WORDS: Final = 7

#: Words and names that are kept from one batch to the next.
_MOST_KEPT: Final = 100_000

_WORD: Final = r"[^\W_]+(?:[\u0640\u064b-\u065f\u0670]+[^\W_]*)*"
TOKEN = re.compile(_WORD)
_INSIDE_NAME = re.compile(rf"[ \u00a0.\-]{{1,2}}({_WORD})")
_AFTER_CATEGORY = re.compile(rf"[ \u00a0\"«“”('‘]{{1,3}}({_WORD})")
_COUNTRY = re.compile(r"[»\"”' \u00a0()]{1,4}(\w+)")
_TO: Final = "ل"
_PREFIXES: Final = ("", "و", "ل", "ول", "ب", "ف", "وب", "فل")  # and, to, and to, by, so …


class _Word(NamedTuple):
    """What is known of a word as printed.

    Attributes:
        key: its fold.
        gap: what may stand between it and the next word of a name, quotes behind a category word
            only; its first group is that word.
        is_category: whether it is a category word.
        reach: words of the longest name that begins with it; 0 if none does.
        is_trailing: whether it may follow a name.
    """

    key: str
    gap: re.Pattern[str]
    is_category: bool
    reach: int
    is_trailing: bool


class _Words(NamedTuple):
    """Words of a body, each by its fold and by where it ends."""

    start: int  # of the first, without what is glued before it
    keys: list[str]
    ends: list[int]


class Names:
    """The names of the index, looked up in the words of a body; what was looked up is kept."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index
        self._words_of: dict[str, _Word] = {}
        self._ids: dict[str, str] = {}
        self._found: dict[str, Source | None] = {}
        self._shared = {name for name, _ in index.shared}
        self._verbs: dict[str, bool] = {}
        self._heads: dict[str, list[tuple[str, str]]] = {}
        self._openers = {opening.partition(" ")[0] for opening in index.openings}
        self._openers.update(index.categories)
        #: First word of names to the words of the longest, and words that may follow a name.
        self._reach: dict[str, int] = {}
        for name in (*index.names, *self._shared):
            first = name.partition(" ")[0]
            self._reach[first] = max(self._reach.get(first, 0), name.count(" ") + 1)
        tails = {word for tail in index.tails for word in tail.split(" ")}
        self._trailing = {*tails, *index.countries, *index.categories}

    @property
    def n_kept(self) -> int:
        """How many words and names were looked up."""
        return len(self._words_of) + len(self._found)

    def word(self, printed: str) -> _Word:
        """Return what is known of a word."""
        word = self._words_of.get(printed)
        if word is None:
            key, categories = fold(printed), self.index.categories
            is_category = key in categories
            is_glued = is_category or key.lstrip("ولبف") in categories
            word = self._words_of[printed] = _Word(
                key,
                _AFTER_CATEGORY if is_glued else _INSIDE_NAME,
                is_category,
                self._reach.get(key, 0),
                key in self._trailing,
            )
        return word

    def source_id(self, source: Source) -> str:
        """Return the id of a source."""
        source_id = self._ids.get(source.slug)
        if source_id is None:
            source_id = self._ids[source.slug] = source.source_id
        return source_id

    def is_verb(self, word: str) -> bool:
        """Say whether a word is "to" or a verb of saying, with or without a letter glued before."""
        is_verb = self._verbs.get(word)
        if is_verb is None:
            key, verbs = self.word(word).key, self.index.verbs
            is_verb = self._verbs[word] = key == _TO or key in verbs or key[1:] in verbs
        return is_verb

    def read(self, body: str, at: int) -> Named | None:
        """Read the longest known name that begins with the word at a place."""
        first = TOKEN.match(body, at)
        if first is None:
            return None
        word = self.word(first[0])
        for prefix, head in self._heads_of(word.key):
            words = self._words(body, at + len(prefix), head, first.end(), word.gap)
            named = self._longest(body, words, prefix)
            if named is not None:
                return named
        return None

    def _heads_of(self, key: str) -> list[tuple[str, str]]:
        """Return what may be glued before a word, with the word less that, if it opens a name."""
        heads = self._heads.get(key)
        if heads is None:
            split = [(prefix, key[len(prefix) :]) for prefix in _PREFIXES if key.startswith(prefix)]
            heads = self._heads[key] = [pair for pair in split if pair[1] in self._openers]
        return heads

    def _longest(self, body: str, words: _Words, prefix: str) -> Named | None:
        start, keys, ends = words
        categories = self.index.categories
        n_categories = 0
        while n_categories < len(keys) - 1 and keys[n_categories] in categories:
            n_categories += 1
        for length in range(len(keys), n_categories, -1):
            key = bare = " ".join(keys[:length])
            if n_categories:
                bare = " ".join(keys[n_categories:length])
            end = ends[length - 1]
            source = self._find_with_country(key, body, end) if bare in self._shared else None
            source = source or self._find(key)
            if source is not None:
                return Named(start, end, source, prefix, bare, n_categories > 0)
        return None

    def _find(self, key: str) -> Source | None:
        if key not in self._found:
            self._found[key] = self.index.find(key)
        return self._found[key]

    def _find_with_country(self, key: str, body: str, end: int) -> Source | None:
        """Find a shared name by the country printed after its quotes ("«الوطن» السعودية")."""
        word = _COUNTRY.match(body, end)
        country = "" if word is None else self.word(word[1]).key
        return self._find(f"{key} {country}") if country in self.index.countries else None

    def _words(self, body: str, start: int, head: str, end: int, gap: re.Pattern[str]) -> _Words:
        """Return a word and those after it, as many as any name that begins so may have.

        Args:
            start: of the first word, without what is glued before it.
            head: its fold.
            end: of the first word.
            gap: what may stand behind it.
        """
        keys, ends = [head], [end]
        is_leading = head in self.index.categories  # whether there were category words only
        reach = self._reach.get(head, 0)
        n_words = 1
        while n_words < MAX_WORDS:
            match = gap.match(body, end)
            if match is None:
                break
            end = match.end()
            key, gap, is_category, own_reach, is_trailing = self.word(match[1])
            if is_leading:
                reach = max(reach, n_words + own_reach)
                is_leading = is_category
            elif n_words >= reach and not is_trailing:
                break
            keys.append(key)
            ends.append(end)
            n_words += 1
        return _Words(start, keys, ends)


_kept: list[Names] = []  # one at most


def names_of(index: SourceIndex) -> Names:
    """Return the names of an index, with all that earlier batches looked up of them."""
    if not _kept or _kept[0].index is not index or _kept[0].n_kept > _MOST_KEPT:
        _kept[:] = [Names(index)]
    return _kept[0]

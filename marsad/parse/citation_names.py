"""Names of sources, read word by word where they may stand in a body."""

import re
from typing import Final, NamedTuple, TypeAlias

from marsad.parse.arabic import fold
from marsad.parse.citation_context import Named
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source

#: Longest name, in words, category words among them.
MAX_WORDS: Final = 7

#: Longest word, in characters, that is read to its end: many places of one word can be read.
_LONGEST_WORD: Final = 200

_WORD: Final = r"[^\W_]+(?:[\u0640\u064b-\u065f\u0670]+[^\W_]*)*"
_TOKEN = re.compile(_WORD)
_AFTER_VERB = re.compile(rf"[ \u00a0\"«“”('‘]{{0,4}}({_WORD})")
_INSIDE_NAME = re.compile(rf"[ \u00a0.\-]{{1,2}}({_WORD})")
_AFTER_CATEGORY = re.compile(rf"[ \u00a0\"«“”('‘]{{1,3}}({_WORD})")
_COUNTRY = re.compile(r"[»\"”' \u00a0()]{1,4}(\w+)")
_TO: Final = "ل"
_PREFIXES: Final = ("", "و", "ل", "ول", "ب", "ف", "وب", "فل")  # and, to, and to, by, so …

_Head: TypeAlias = tuple[str, str]


class _Word(NamedTuple):
    """What is known of a word as printed.

    Attributes:
        key: its fold.
        gap: what may stand between it and the next word of a name, quotes behind a category word
            only; its first group is that word.
        is_of_names: whether a name has it, or something that may stand around a name.
    """

    key: str
    gap: re.Pattern[str]
    is_of_names: bool


class _Meaning(NamedTuple):
    """What the first words of a phrase mean.

    Attributes:
        n_words: how many they are.
        source: what they name, unless a country behind them decides.
        prefix: letters glued before them.
        key: they without these, folded.
        bare: the same without category words.
        is_shared: whether several sources have the name, so that a country behind it decides.
    """

    n_words: int
    source: Source | None
    prefix: str
    key: str
    bare: str
    is_shared: bool


class _Phrase:
    """Words as printed with which a name may begin; a node in the tree of all that were met.

    Attributes:
        words: their folds.
        gap: what may stand behind them; its first group is the next word.
        heads: what may be glued before the first, with its fold less that; those that open a name.
        is_verb: whether it is "to" or a verb of saying, with or without a letter glued before.
        longer: by the next word as printed; None if no name has it.
        meanings: of the whole, and where such a word is next; None until one asks.
    """

    __slots__ = ("gap", "heads", "is_verb", "longer", "meanings", "words")

    def __init__(
        self, words: tuple[str, ...], gap: re.Pattern[str], heads: list[_Head], *, is_verb: bool
    ) -> None:
        self.words = words
        self.gap = gap
        self.heads = heads
        self.is_verb = is_verb
        self.longer: dict[str, _Phrase | None] = {}
        self.meanings: list[list[_Meaning] | None] = [None, None]


class Beginning(NamedTuple):
    """A word that may begin a name: its place, the word, and where it ends."""

    start: int
    phrase: _Phrase
    end: int


class Names:
    """The names of the index, looked up in the words of a text; what was looked up is kept."""

    def __init__(self, index: SourceIndex) -> None:
        self._index = index
        self._words: dict[str, _Word] = {}
        self._first: dict[str, _Phrase] = {}
        self._n_phrases = 0
        self._ids: dict[str, str] = {}
        self._shared = {name for name, _ in index.shared}
        self._openers = {opening.partition(" ")[0] for opening in index.openings}
        self._openers.update(index.categories)
        around = (*index.tails, *index.countries, *index.categories)
        texts = (*index.names, *self._shared, *around)
        self._of_names = {word for text in texts for word in text.split(" ")}

    @property
    def n_kept(self) -> int:
        """How many words and phrases were looked up."""
        return len(self._words) + self._n_phrases

    def source_id(self, source: Source) -> str:
        """Return the id of a source."""
        source_id = self._ids.get(source.slug)
        if source_id is None:
            source_id = self._ids[source.slug] = source.source_id
        return source_id

    def begin(self, text: str, at: int) -> Beginning | None:
        """Return the word at a place, or the one behind it if that is a verb.

        Returns:
            None if no name begins with it.
        """
        match = _TOKEN.match(text, at, at + _LONGEST_WORD)
        if match is None:
            return None
        phrase = self._first.get(match[0]) or self._new_first(match[0])
        if phrase.is_verb:
            match = _AFTER_VERB.match(text, match.end(), match.end() + _LONGEST_WORD)
            if match is None:
                return None
            at = match.start(1)
            phrase = self._first.get(match[1]) or self._new_first(match[1])
        return Beginning(at, phrase, match.end()) if phrase.heads else None

    def read(self, text: str, beginning: Beginning) -> Named | None:
        """Read the longest known name that begins so."""
        start, phrase, end = beginning
        ends = [end]
        is_cut = False
        while len(ends) < MAX_WORDS and (match := phrase.gap.match(text, end, end + _LONGEST_WORD)):
            try:
                longer = phrase.longer[match[1]]
            except KeyError:
                longer = self._new_phrase(phrase, match[1])
            if longer is None:
                is_cut = True
                break
            phrase = longer
            end = match.end()
            ends.append(end)
        meanings = phrase.meanings[is_cut]
        if meanings is None:
            meanings = phrase.meanings[is_cut] = self._new_meanings(phrase, is_cut=is_cut)
        for n_words, source, prefix, key, bare, is_shared in meanings:
            end = ends[n_words - 1]
            if is_shared:
                source = self._find_with_country(key, text, end) or source
            if source is not None:
                return Named(start + len(prefix), end, source, prefix, bare, key != bare)
        return None

    def _word(self, printed: str) -> _Word:
        word = self._words.get(printed)
        if word is None:
            key, categories = fold(printed), self._index.categories
            is_category = key in categories or key.lstrip("ولبف") in categories
            gap = _AFTER_CATEGORY if is_category else _INSIDE_NAME
            is_of_names = self._of_names.issuperset(key.split(" "))
            word = self._words[printed] = _Word(key, gap, is_of_names)
        return word

    def _new_first(self, printed: str) -> _Phrase:
        word = self._word(printed)
        key, verbs = word.key, self._index.verbs
        split = [(prefix, key[len(prefix) :]) for prefix in _PREFIXES if key.startswith(prefix)]
        heads = [(prefix, head) for prefix, head in split if head in self._openers]
        is_verb = key == _TO or key in verbs or key[1:] in verbs
        self._n_phrases += 1
        phrase = self._first[printed] = _Phrase((key,), word.gap, heads, is_verb=is_verb)
        return phrase

    def _new_phrase(self, phrase: _Phrase, printed: str) -> _Phrase | None:
        word = self._word(printed)
        longer = None
        if word.is_of_names:
            words = (*phrase.words, word.key)
            longer = _Phrase(words, word.gap, phrase.heads, is_verb=phrase.is_verb)
        self._n_phrases += 1
        phrase.longer[printed] = longer
        return longer

    def _new_meanings(self, phrase: _Phrase, *, is_cut: bool) -> list[_Meaning]:
        """Return what a phrase can mean, by head, the longest first, up to one that is a name."""
        categories = self._index.categories
        meanings = []
        for prefix, head in phrase.heads:
            words = (head, *phrase.words[1:])
            if is_cut and all(word in categories for word in words):
                continue  # category words of something that is not known
            n_categories = 0
            while n_categories < len(words) - 1 and words[n_categories] in categories:
                n_categories += 1
            for length in range(len(words), n_categories, -1):
                key, bare = " ".join(words[:length]), " ".join(words[n_categories:length])
                source, is_shared = self._index.find(key), bare in self._shared
                if source is not None or is_shared:
                    meanings.append(_Meaning(length, source, prefix, key, bare, is_shared))
                if source is not None:
                    return meanings
        return meanings

    def _find_with_country(self, key: str, text: str, end: int) -> Source | None:
        """Find a shared name by the country printed after its quotes ("«الوطن» السعودية")."""
        match = _COUNTRY.match(text, end, end + _LONGEST_WORD)
        country = "" if match is None else self._word(match[1]).key
        return self._index.find(f"{key} {country}") if country in self._index.countries else None

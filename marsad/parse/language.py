"""Language: which of Arabic, Persian, Kurdish, English and French an article is written in.

Script and letters decide nearly every text, at the cost of looking its first characters up. Only
where letters of another language than Arabic occur are words counted: an Arabic text may name a
Persian town, and Arabic is also typed on Persian keyboards.
"""

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

OTHER: Final = "other"

#: Characters of the beginning that letters are counted in (a count has to fit a byte), and words.
_LETTERS_IN, _WORDS_IN = 200, 1000

#: Texts that are counted at a time.
_ROWS = 2048

#: Groups of letters that are counted.
_ARABIC, _PERSIAN, _KURDISH, _FOREIGN, _LATIN, _ELSE = range(1, 7)
_GROUPS = 8
_LETTERS: Final = {
    _PERSIAN: "پچژگیک",
    _KURDISH: "ڕڵێۆەڎ",  # Sorani; rare or unknown in the others
    _FOREIGN: "ٹڈڑںےۓہۂۃښځڅډړږۍېڼۇۈۋڭۀٽٿڀڄڃڇڊڏڻڳڱٻ",  # Urdu, Pashto, Uyghur, Sindhi
}

#: Blocks of letters; the few marks and signs in them count as letters.
_SCRIPTS: Final = {
    _ARABIC: [(0x620, 0x65F), (0x66E, 0x6D3), (0x6D5, 0x6EF), (0x750, 0x77F), (0x8A0, 0x8FF),
              (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)],
    _LATIN: [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF5A)],
    # Greek, Cyrillic, Hebrew; India to Mongolia; China, Japan and Korea; what is beyond.
    _ELSE: [(0x370, 0x5F2), (0x700, 0x74F), (0x780, 0x89F), (0x900, 0x1CFF), (0x1F00, 0x1FFF),
            (0x2E80, 0x2FFF), (0x3040, 0xD7FB), (0xF900, 0xFAFF), (0x10000, 0x1CFFF),
            (0x20000, 0x3FFFF)],
}  # fmt: skip

# Words that each language cannot do without, and its neighbours do not have. Letters that are typed
# in two ways (yeh, kaf) stand in their Persian form, as in the texts they are looked for in.
_WORDS: Final = {
    "ar": "فی من علی إلى الی أن ان التی الذی هذا هذه ذلک عن مع قال قد کان لم لا بین بعد",
    "fa": "است در که را از به این آن با برای می شد شود کرد کند شده بود های یک خود تا نیز باید",
    "ku": "لە بە کە بۆ ئەو ئەم لەگەڵ دەکات دەکرێت کرد نییە هەیە یان تا وە ئێستا هەر",
    "en": "the of and to in is for that on with was as by at from it has be are this his which",
    "fr": "le les des du et est une dans pour sur au aux par qui que pas ce se sont avec plus il",
    # What would else pass for one of them: Spanish, Portuguese, Italian, German, Turkish, Malay.
    OTHER: (
        "el los las y del por con una es su para como não em da do os uma il che di della per sono"
        " der die das und ist nicht von mit den ein ve bir bu için ile de olan yang dan dengan ini"
    ),
    "ku-latin": "û ji di bi ku li de ya ye xwe wan kurdistanê jî hat kir",
}


def detect_languages(s: pl.Series) -> pl.Series:
    """Return the language of each text by its beginning; null stays null.

    Example: "قال وزير الخارجية" (the foreign minister said) is `ar`.

    Args:
        s: String.

    Returns:
        ISO 639-1 code `ar`, `fa`, `ku`, `en` or `fr`, or `other`: another language, or no letters.
    """
    texts = s.fill_null("")
    counts = _count_letters(texts.str.head(_LETTERS_IN))
    arabic = counts[:, _ARABIC : _FOREIGN + 1].sum(axis=1)
    most = np.maximum(np.maximum(arabic, counts[:, _LATIN]), counts[:, _ELSE])
    is_arabic = (arabic == most) & (arabic > 0)
    # One word with such letters is a name; two letters in a hundred are a reason to count words.
    plain = is_arabic & (counts[:, _PERSIAN : _FOREIGN + 1].sum(axis=1) * 50 <= arabic)
    found = np.where(plain, "ar", OTHER).astype(object)
    asked = is_arabic & ~plain
    if asked.any():
        found[asked] = _by_arabic_script(
            texts.filter(pl.Series(asked)), counts[asked], arabic[asked]
        )
    latin = ~is_arabic & (counts[:, _LATIN] == most) & (most > 0)
    if latin.any():
        found[latin] = _by_latin_words(texts.filter(pl.Series(latin)))
    languages = pl.Series(s.name, found.tolist(), dtype=pl.String())
    return languages if s.null_count() == 0 else languages.set(s.is_null(), None)


def _by_arabic_script(
    texts: pl.Series, counts: npt.NDArray[np.int64], arabic: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Tell Arabic, Persian and Kurdish apart, and the other languages of the script from them."""
    text = texts.str.head(_WORDS_IN).str.replace_many(["ي", "ى", "ك"], ["ی", "ی", "ک"])
    article = text.str.count_matches(r"\b[وفبل]?ال\p{Arabic}{2,}").to_numpy()
    ar = _count_words(text, "ar") + article
    fa = _count_words(text, "fa")
    kurdish = counts[:, _KURDISH] * 25 > arabic
    foreign = counts[:, _FOREIGN] * 50 > arabic
    found = np.where(fa > ar, "fa", "ar").astype(object)
    # No word tells: the letters do.
    silent = (fa == 0) & (ar == 0)
    found[silent & (counts[:, _PERSIAN] > 0)] = "fa"
    found[foreign & (counts[:, _FOREIGN] >= counts[:, _KURDISH])] = OTHER
    found[kurdish & (counts[:, _KURDISH] > counts[:, _FOREIGN])] = "ku"
    found[(ar > 2 * fa) & (article * 20 > ar) & ~kurdish & ~foreign] = "ar"
    return found


def _by_latin_words(texts: pl.Series) -> npt.NDArray[np.object_]:
    """Tell English, French and Kurdish by the words that no sentence of theirs lacks."""
    text = texts.str.head(_WORDS_IN).str.to_lowercase()
    names = ["en", "fr", "ku-latin", OTHER]
    scores = np.stack([_count_words(text, name) for name in names], axis=1)
    words = text.str.count_matches(r"\pL+").to_numpy()
    best = scores.argmax(axis=1)
    found: npt.NDArray[np.object_] = np.array(["en", "fr", "ku", OTHER], dtype=object)[best]
    found[scores.max(axis=1) * 12 < words] = OTHER
    found[scores.max(axis=1) == 0] = OTHER
    return found


def _count_words(text: pl.Series, language: str) -> npt.NDArray[np.int64]:
    words = "|".join(_WORDS[language].split())
    return text.str.count_matches(rf"\b(?:{words})\b").to_numpy().astype(np.int64)


def _count_letters(s: pl.Series) -> npt.NDArray[np.int64]:
    """Count the letters of each group in each text: rows of `_GROUPS` numbers."""
    counts = np.empty((len(s), _GROUPS), dtype=np.int64)
    for first in range(0, len(s), _ROWS):
        texts = s[first : first + _ROWS]
        codes = np.frombuffer("\n".join([*texts.to_list(), ""]).encode("utf-32-le"), dtype="<u4")
        ends = (texts.str.len_chars().cast(pl.Int64) + 1).cum_sum().to_numpy()
        starts = np.concatenate(([0], ends[:-1]))
        sums = np.add.reduceat(_letter_groups().take(codes), starts)
        counts[first : first + _ROWS] = sums.astype("<u8").view(np.uint8).reshape(-1, _GROUPS)
    return counts


@functools.cache
def _letter_groups() -> npt.NDArray[np.uint64]:
    """Return for every code point a one in the byte of its group, so that a sum counts them all."""
    groups = np.zeros(0x110000, dtype=np.uint64)
    for group, ranges in _SCRIPTS.items():
        for first, last in ranges:
            groups[first : last + 1] = group
    for group, letters in _LETTERS.items():
        groups[[ord(letter) for letter in letters]] = group
    return np.where(groups > 0, np.uint64(1) << np.uint64(8) * groups, np.uint64(0))

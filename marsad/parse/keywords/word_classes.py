"""Classes of words: what a word's letters say of how it joins its neighbours.

Arabic writes much of its grammar on the word: the article, proclitics, the feminine and plural
endings, the adjective's `ي`. "القوات الأميركية" (the American forces) is one phrase because a noun
with the article is followed by an adjective with the article; "سحب القوات" (withdrawal of the
forces) because a noun without it is followed by one with it. A word after a preposition, or after
`بن` (son of), begins no keyword.
"""

from typing import Final

import polars as pl

#: Words that stand between others, folded.
FUNCTION_WORDS: Final = (
    "في",  # in
    "من",  # from, of
    "على",  # on (folded below)
    "الى",  # to
    "عن",  # about
    "مع",  # with
    "بين",  # between
    "ضد",  # against
    "حول",  # around, about
    "عبر",  # through
    "لدى",  # at
    "عند",  # at
    "حتى",  # until
    "منذ",  # since
    "خلال",  # during
    "او",  # or
    "ان",  # that
    "لا",  # no
    "ما",  # what
    "لم",  # not
    "التي",  # which (feminine)
    "الذي",  # which (masculine)
    "هو",  # he
    "هي",  # she
    "هذا",  # this
    "هذه",  # this (feminine)
    "و",  # and
)
#: Parts of names that stand between two other parts: son of, daughter of.
LINKS: Final = ("بن", "ابن", "بنت", "ولد")
#: Parts of names, or of phrases, that another word must follow: servant of, father of, mother of,
#: family of, not, other than.
OPENERS: Final = ("عبد", "ابو", "ابي", "ام", "ال", "غير", "ذو", "ذات")

CLASSES: Final = (
    "none",  # an empty word: a separator
    "function",
    "link",
    "opener",
    "number",
    "latin",
    "and_the",  # و and the article
    "and",  # و and more than two letters
    "to_the",  # بال لل كال فال
    "the_adjective",  # article … ي, or يه
    "the_plural",  # article … ون, ين, ات
    "the_feminine",  # article … ه
    "the",
    "adjective",
    "plural",
    "feminine",
    "short",  # up to three letters
    "other",
)


def word_classes(keys: pl.Series) -> pl.Series:
    """Return the class of each folded word, as its number in `CLASSES`.

    Args:
        keys: String.
    """
    key = pl.col("key")

    def is_one_of(words: tuple[str, ...]) -> pl.Expr:
        folded = [word.replace("ى", "ي") for word in words]
        return key.is_in(folded)

    rules: list[tuple[str, pl.Expr]] = [
        ("none", key == ""),
        ("function", is_one_of(FUNCTION_WORDS)),
        ("link", is_one_of(LINKS)),
        ("opener", is_one_of(OPENERS)),
        ("number", key.str.contains(r"^[0-9]+$")),
        ("latin", key.str.contains(r"^[a-z0-9 ]+$")),
        ("and_the", key.str.contains(r"^وال..")),
        ("and", key.str.contains(r"^و...")),
        ("to_the", key.str.contains(r"^(?:بال|كال|فال|لل)..")),
        ("the_adjective", key.str.contains(r"^ال..+(?:ي|يه)$")),
        ("the_plural", key.str.contains(r"^ال..+(?:ون|ين|ات)$")),
        ("the_feminine", key.str.contains(r"^ال..+ه$")),
        ("the", key.str.contains(r"^ال..")),
        ("adjective", key.str.contains(r"^..+(?:ي|يه)$")),
        ("plural", key.str.contains(r"^..+(?:ون|ين|ات)$")),
        ("feminine", key.str.contains(r"^..+ه$")),
        ("short", key.str.len_chars() <= 3),
    ]
    number = pl.lit(CLASSES.index("other"))
    for name, rule in reversed(rules):
        number = pl.when(rule).then(CLASSES.index(name)).otherwise(number)
    return pl.DataFrame({"key": keys}).select(number.cast(pl.UInt8))["literal"]

"""The vocabulary of tags, and keyword lines with their true boundaries."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marsad.synth.grammar import Grammar
from marsad.synth.randoms import draws, fractions, hash_number, zipf_ranks

N_TAGS: Final = 5000
_MAX_WORDS: Final = 6
_MAX_LINE: Final = 14  # distinct tags a line
_N_TOPICS: Final = 50
_TOPIC_SIZE: Final = 80
_STREAM: Final = 11  # streams of numbers, each used in one place
_VOCABULARY_STREAM: Final = 12
_FOLD_LIKE: Final = str.maketrans("أإآىؤئةکی", "اااىويهكي")
#: Joints of delimited lines: Arabic comma, comma, bar, dash, hash, new line.
_JOINTS: Final = ("، ", ", ", " | ", " - ", " #", "\n", "،")


class KeywordLine(NamedTuple):
    """One line of keywords.

    Attributes:
        raw: the value of the line, without its label.
        tags: the true keywords in the line's order, as printed.
        is_delimited: whether the line has delimiters between its tags.
        in_body: tags that the article's body shall hold.
    """

    raw: str
    tags: tuple[str, ...]
    is_delimited: bool
    in_body: tuple[str, ...]


def vocabulary(grammar: Grammar, seed: int) -> list[str]:
    """Return `N_TAGS` distinct tags of one to six words, most frequent first.

    Many share words, because half of them are another tag with a word before or behind it, as
    `قوات التحالف` (coalition forces) becomes `قوات التحالف الدولي` (… of the international …).
    """
    tags: list[str] = []
    bases: list[str] = []
    seen: set[str] = set()
    attempt = 0
    while len(tags) < N_TAGS:
        attempt += 1
        place = (seed, _VOCABULARY_STREAM, attempt)
        kind = hash_number(*place) % 8
        is_base = kind > 3 or not bases
        tag = (
            grammar.phrase("tag_base", *place)
            if is_base
            else bases[hash_number(*place, 1) % len(bases)]
        )
        if not is_base and kind < 2:
            tag = f"{grammar.phrase('tag_front', *place)} {tag}"
        if not is_base and kind > 0:
            tag = f"{tag} {grammar.phrase('tag_back', *place)}"
        key = tag.translate(_FOLD_LIKE)
        if tag.count(" ") < _MAX_WORDS and key not in seen:
            seen.add(key)
            tags.append(tag)
            if is_base:
                bases.append(tag)
    return tags


class TagLines:
    """Keyword lines of articles.

    Args:
        grammar: names the categories.
        seed: decides the vocabulary and the lines.
    """

    def __init__(self, grammar: Grammar, seed: int) -> None:
        self._seed = seed
        self._tags = vocabulary(grammar, seed)
        self._categories = [grammar.phrase("tag_category", seed, k) for k in range(64)]

    def lines(self, articles: NDArray[np.uint64], delimited_share: float) -> list[KeywordLine]:
        """Return the keyword line of each article, by number."""
        numbers = draws(self._seed, _STREAM, articles, 2 * _MAX_LINE + 10)
        globally = zipf_ranks(numbers[:, :_MAX_LINE], N_TAGS)
        topic = (numbers[:, -1:] % np.uint64(_N_TOPICS)).astype(np.int64)
        in_topic = (topic * 97 + zipf_ranks(numbers[:, :_MAX_LINE], _TOPIC_SIZE) * 13) % N_TAGS
        of_topic = numbers[:, _MAX_LINE : 2 * _MAX_LINE] % np.uint64(2) == 0
        ranks = np.where(of_topic, in_topic, globally).tolist()
        shares = fractions(numbers[:, 2 * _MAX_LINE :]).tolist()
        return [
            self._line(row, share, delimited_share)
            for row, share in zip(ranks, shares, strict=True)
        ]

    def _line(self, ranks: list[int], share: list[float], delimited_share: float) -> KeywordLine:
        tags = self._tags
        chosen = [tags[r] for r in dict.fromkeys(ranks[: 3 + int(share[0] * (_MAX_LINE - 2))])]
        in_body = tuple(chosen[: 1 + int(share[1] * 0.8 * len(chosen))])
        # The aggregator prints the category up to three times, then its lists one after the other,
        # of which the second repeats some of the first.
        category = self._categories[int(share[2] * len(self._categories))]
        line = [category] * int(share[3] * 4) + chosen
        if share[4] < 0.4:
            start = int(share[5] * len(chosen))
            line += chosen[start : start + 1 + int(share[6] * 5)]
        if share[7] < 0.04:
            # ي and ك as Persian keyboards write them.
            line[-1] = line[-1].replace("ي", "ی").replace("ك", "ک")
        if share[8] >= delimited_share:
            return KeywordLine(" ".join(line), tuple(line), False, in_body)
        joint = _JOINTS[int(share[8] / delimited_share * len(_JOINTS))]
        raw = joint.join(line)
        return KeywordLine(f"#{raw}" if joint == " #" else raw, tuple(line), True, in_body)

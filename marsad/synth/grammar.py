"""Phrases from the context-free grammar in `data/synth/grammar.toml`."""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Final, TypeAlias

_SLOT: Final = re.compile(r"\{(\w+)\}")
_ALL_BITS: Final = 2**256 - 1
_WORD_JOINT: Final = "_"  # stands for a space inside an entry of a word list

#: A text, or its literals and the alternatives of its symbols, from last to first.
_Alternative: TypeAlias = "str | tuple[str | list[_Alternative], ...]"


def _words(text: str) -> list[str]:
    return [word.replace(_WORD_JOINT, " ") for word in text.split()]


def _derived(roots: list[str], patterns: list[str]) -> list[str]:
    """Every root in every pattern: `كتب` in `م12و3` is `مكتوب` (written)."""
    return [
        pattern.translate({ord("1"): root[0], ord("2"): root[1], ord("3"): root[2]})
        for root in roots
        for pattern in patterns
    ]


class Grammar:
    """Symbols and their alternatives.

    Args:
        path: a TOML file of tables, each of symbols; a text is a list of words.

    Raises:
        KeyError: an alternative names a symbol that is not there.
    """

    def __init__(self, path: Path) -> None:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        roots = tables.pop("roots")["roots"].split()
        patterns = tables.pop("patterns")
        entries: dict[str, list[str]] = {
            symbol: _words(value) if isinstance(value, str) else value
            for table in tables.values()
            for symbol, value in table.items()
        }
        for symbol, value in patterns.items():
            derived = _derived(roots, _words(value))
            # Words of the lists stand for about a third, so that a text reads a little like news
            # and has as many different words.
            listed = entries[symbol] * max(1, len(derived) // len(entries[symbol]) // 2)
            entries[symbol] = listed + derived
        # Alternatives refer to the lists of alternatives of their symbols, in reverse, so that a
        # phrase is made with a stack and without looking up names.
        self._symbols: dict[str, list[_Alternative]] = {symbol: [] for symbol in entries}
        for symbol, texts in entries.items():
            for text in texts:
                parts = _SLOT.split(text)
                for name in parts[1::2]:
                    if name not in entries:
                        raise KeyError(f"{path}: {symbol} names {name}, which is not there")
                self._symbols[symbol].append(
                    text
                    if len(parts) == 1
                    else tuple(
                        self._symbols[part] if i % 2 else part
                        for i, part in reversed(list(enumerate(parts)))
                        if part
                    )
                )

    def phrase(self, symbol: str, *place: int) -> str:
        """Return a phrase of `symbol`, always the same for the same place."""
        bits = int.from_bytes(hashlib.sha256(repr(place).encode()).digest(), "big")
        stack: list[str | list[_Alternative]] = [self._symbols[symbol]]
        out = []
        while stack:
            part = stack.pop()
            if isinstance(part, str):
                out.append(part)
                continue
            # Each choice takes the uppermost bits, as an arithmetic decoder does; no phrase of the
            # grammar needs nearly all 256.
            bits *= len(part)
            chosen = part[bits >> 256]
            bits &= _ALL_BITS
            if isinstance(chosen, str):
                out.append(chosen)
            else:
                stack.extend(chosen)
        return "".join(out)


class Pool(dict[int, bytes]):
    """Phrases by number, made when first asked for: a lookup costs no more than a dict's.

    Number `symbol * size + k` is the k-th phrase of a symbol, in UTF-8.

    Args:
        grammar: where phrases come from.
        seed: decides them.
        endings: for each symbol, its name and what follows the phrase, chosen by k.
        size: phrases a symbol.
    """

    def __init__(
        self,
        grammar: Grammar,
        seed: int,
        endings: tuple[tuple[str, tuple[str, ...]], ...],
        size: int,
    ) -> None:
        super().__init__()
        self._grammar = grammar
        self._seed = seed
        self._endings = endings
        self.size = size

    def __missing__(self, number: int) -> bytes:
        """Make the phrase and keep it."""
        symbol, ends = self._endings[number // self.size]
        phrase = self._grammar.phrase(symbol, self._seed, number)
        made = (phrase + ends[number % len(ends)]).encode()
        self[number] = made
        return made

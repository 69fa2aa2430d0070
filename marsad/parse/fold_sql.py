"""The SQL macro `fold_ar`: the folding of `marsad.parse.arabic` for queries, made from its map.

DuckDB looks nothing up quickly by character, so the map is told in four ways, the quickest for
what is frequent: regular expressions for the characters that are deleted or become a space;
`translate` for Arabic letters, and with them ASCII capitals and digits where there are any; for the
others, which most texts lack, one `replace` for each distinct one.
"""

from base64 import b64encode
from collections.abc import Iterable

from marsad.parse.fold_map import fold_map

#: Translated in every text: alef, waw, yeh, kaf and heh forms that Arabic news text is full of.
LETTERS = "أإآٱؤئىیکة"

_CAPITALS = range(ord("A"), ord("Z") + 1)
_DIGITS = [*range(0x660, 0x66A), *range(0x6F0, 0x6FA)]  # Arabic-Indic, Persian


def fold_macro() -> str:
    """Return the statement that makes `fold_ar(text)`, in ASCII.

    `sql/macros.sql` holds it; a test holds that it is the same.
    """
    folds = {code: text for code, text in fold_map().items() if not _is_surrogate(code)}
    deleted = [code for code, text in folds.items() if text == ""]
    spaced = [code for code, text in folds.items() if text == " "]
    frequent = [*map(ord, LETTERS), *_CAPITALS, *_DIGITS]
    rare = sorted(folds.keys() - {*deleted, *spaced, *frequent})
    letters, more = map(ord, LETTERS), [*map(ord, LETTERS), *_CAPITALS, *_DIGITS]
    return f"""\
create or replace macro fold_ar(text) as array_to_string(list_filter(string_split(
    regexp_replace(regexp_replace(translate(
        case when regexp_matches(text, {_char_class(rare)})
            then list_reduce(
                list_distinct(regexp_extract_all(text, {_char_class(rare)})),
                lambda folded, rare: replace(folded, rare, regexp_extract(
                    {_text(chr(10) + chr(code) + folds[code] for code in rare)},
                    chr(10) || rare || '(.*)', 1)),
                text)
            else text end,
        case when regexp_matches(text, {_char_class([*_CAPITALS, *_DIGITS])})
            then {_text(map(chr, more))} else {_text(map(chr, letters))} end,
        {_text(folds[code] for code in more)}
    ), {_char_class(deleted)}, '', 'g'), {_char_class(spaced)}, ' ', 'g'),
' '), lambda word: word <> ''), ' ');
"""


def _is_surrogate(code: int) -> bool:
    return 0xD800 <= code <= 0xDFFF


def _text(parts: Iterable[str]) -> str:
    """Return an expression for a text, in ASCII; DuckDB works it out once a query."""
    return f"decode(from_base64('{b64encode(''.join(parts).encode()).decode()}'))"


def _char_class(codes: Iterable[int]) -> str:
    """Return an expression for the regular expression of any of the characters."""
    ranges: list[tuple[int, int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return _text(["[", *(f"{_escaped(a)}-{_escaped(b)}" for a, b in ranges), "]"])


def _escaped(code: int) -> str:
    return chr(code) if code > 0x7F else f"\\x{code:02x}"

"""One raw value to the sources that it means.

"رويترز + وكالات" (Reuters + agencies) is two sources, "صحيفة غراس _ الرياض" (a newspaper _ a town)
is one, "متابعات" (follow-ups) none. A name that no row of `sources.csv` has becomes a source of its
own with `is_known = false`, so that nothing is lost and the list can grow by what is seen.
"""

import html
import re
from dataclasses import dataclass
from typing import Final

from marsad.ids import hash_id
from marsad.parse.arabic import fold
from marsad.parse.source_index import SourceIndex
from marsad.parse.source_names import Source

#: A folded value longer than this is prose that stands in the field, not a name.
MAX_KEY_LENGTH: Final = 80

_URL = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,24})(?::\d+)?(/\S*)?", re.ASCII | re.I)
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|amp|mobile)\.")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HANDLE = re.compile(r"\S*@\S*")
_QUOTED = re.compile(r"[«\"“]([^«»\"“”]+)[»\"”]")
# Co-sources are joined by these; what a dash or a colon joins may be a town, section or author.
_JOINED = re.compile(r"[+،,&|؛;]|/")
_DASHED = re.compile(r"\s+[-–—ـ]+\s*|[-–—]+\s+|[_:]|(?<=[^\W\d_a-zA-Z])[-–—]+(?=[^\W\d_a-zA-Z])")
_TRIM = " \t\r\n\u00a0\u200e\u200f\u202a\u202b\u202c.…،,:;؛-–—_*|/\\«»\"“”'[]{}<>"
_BRACKETED = re.compile(r"\(([^()]*)\)")
_AND = "و"  # "and", written as the first letter of the next word


@dataclass(frozen=True, slots=True)
class Mention:
    """One source that a raw value names; `known` is None for a name that no row has."""

    source_id: str
    name: str
    known: Source | None


def mentions_of(raw: str, index: SourceIndex) -> tuple[Mention, ...]:
    """Return the sources that one raw value names, in order, each once.

    Example: "السوسنة - وكالات" (Alsosna - agencies) gives `alsosna` and `agencies`.

    Args:
        raw: as printed.
        index: the known sources.
    """
    if (address := _URL.fullmatch(raw.strip())) is not None:
        return (_of_host(address[1].lower(), address[2] or "", index),)
    printed = _HANDLE.sub(" ", _CONTROL.sub(" ", html.unescape(raw)))
    text = _clean(printed)
    key = fold(text)
    if not key or key in index.not_sources or len(key) > MAX_KEY_LENGTH or key.isdigit():
        return ()
    if (whole := _known(text, index)) is not None:
        return (whole,)
    quoted = [name for part in _QUOTED.findall(printed) if (name := _known(part, index))]
    found = quoted or _of_compound(text, index)
    return tuple({mention.source_id: mention for mention in found}.values())


def _of_host(host: str, path: str, index: SourceIndex) -> Mention:
    """Resolve by domain: with the path's first part ("bbc.com/arabic"), alone, then its parents."""
    host = _HOST_PREFIX.sub("", host)
    section = "/".join(path.split("/")[:2]).rstrip("/").lower()
    parent = host
    tries = [host + section, host]
    while parent.count(".") > 1:
        parent = parent.partition(".")[2]
        tries.append(parent)
    for candidate in tries:
        slug = index.domains.get(candidate) or index.names.get(fold(candidate))
        if slug is not None:
            return _mention(index.sources[slug])
    return _unknown(host, fold(host))


def _of_compound(text: str, index: SourceIndex) -> list[Mention]:
    """Resolve a value of several parts, of which some may be no source.

    Parts that `+`, a comma or a slash joins are sources. Of parts that a dash joins, an unknown one
    is a source only if it says so by a category word, or no other part is one.
    """
    text = _BRACKETED.sub(lambda bracket: _unless_place(bracket, index), text)
    found: list[Mention] = []
    for joined in _JOINED.split(text):
        parts = [part for part in _DASHED.split(joined) if fold(part)]
        named = [part for part in parts if not _is_furniture(part, index)]
        known = [mention for part in named for mention in _known_within(part, index)]
        if known:
            found += known
            continue
        categorised = [part for part in named if index.strip_category(_key(part, index))[0]]
        if categorised:
            found += [_unknown_name(part, index) for part in categorised]
        elif len(named) == 1:
            found.append(_unknown_name(named[0], index))
        elif named:
            found.append(_unknown_name(joined, index))
    if found:
        return found
    # Nothing but towns and sections: a town's name can be a newspaper's ("الرياض", Riyadh).
    return [name for part in _parts(text) if (name := _known(part, index)) is not None]


def _unless_place(bracket: re.Match[str], index: SourceIndex) -> str:
    return " - " if index.is_place(fold(bracket[1])) else bracket[0]


def _parts(text: str) -> list[str]:
    return [part for joined in _JOINED.split(text) for part in _DASHED.split(joined)]


def _is_furniture(part: str, index: SourceIndex) -> bool:
    """Say whether a part is a town, section, day or form's word, with or without a category."""
    key = _key(part, index)
    bare = index.strip_category(key)[1]
    if key in index.categories or key in index.not_sources:
        return index.find(key) is None
    if key == bare:
        return key in index.noise or index.is_place(key)
    return bare in index.noise and index.find(key) is None


def _known_within(part: str, index: SourceIndex) -> list[Mention]:
    """Return known sources in a part: the whole, two joined by "and", or the first words of it."""
    if (whole := _known(part, index)) is not None:
        return [whole]
    words = _key(part, index).split(" ")
    for at in range(1, len(words)):
        left = index.find(" ".join(words[:at]))
        if left is None or not words[at].startswith(_AND):
            continue
        tail = " ".join([words[at].removeprefix(_AND), *words[at + 1 :]]).strip()
        right = index.find(tail)
        if right is not None:
            return [_mention(left), _mention(right)]
    for at in range(len(words) - 1, 0, -1):
        head, rest = " ".join(words[:at]), " ".join(words[at:])
        source = index.find(head)
        if source is not None and _may_follow(head, rest, index):
            return [_mention(source)]
        if index.is_place(head):
            return []  # "المدينة المنورة" (Medina), then a reporter: no newspaper
    return []


def _may_follow(head: str, rest: str, index: SourceIndex) -> bool:
    """Say whether words after a known name leave it that name.

    A town, section or day always does. Anything else (a reporter's name) only where the name is
    of two words and no everyday phrase: "سبق محمد" could be a name of its own.
    """
    if index.is_place(rest) or rest in index.noise or rest in index.not_sources:
        return True
    bare = index.strip_category(head)[1]
    return " " in bare and bare not in index.common and not index.is_place(bare)


def _clean(text: str) -> str:
    """Take off what surrounds a name: dots, quotes, dashes, brackets around all or half of it."""
    text = text.strip(_TRIM)
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip(_TRIM)
    if text.count("(") != text.count(")"):
        text = text.strip("()" + _TRIM)
    return text


def _key(part: str, index: SourceIndex) -> str:
    """Fold a part and take off the label of the field itself ("مصدر صحيفة البيان")."""
    key = fold(_HANDLE.sub(" ", part))
    for words in (2, 1):
        head = key.split(" ", words)
        if len(head) == words + 1 and " ".join(head[:words]) in index.labels:
            return head[words]
    return key


def _known(part: str, index: SourceIndex) -> Mention | None:
    key = fold(part)
    source = index.find(key) or index.find(_key(part, index))
    return None if source is None else _mention(source)


def _mention(source: Source) -> Mention:
    return Mention(source.source_id, source.name, source)


def _unknown_name(part: str, index: SourceIndex) -> Mention:
    """Make a source of a name that no row has; a category word before it is no part of it."""
    key = index.strip_category(_key(part, index))[1]
    words = _clean(part).split()
    while len(words) > 1 and fold(" ".join(words)) != key and key in fold(" ".join(words[1:])):
        words = words[1:]
    while len(words) > 1 and fold(" ".join(words[:-1])) == key:
        words = words[:-1]
    return _unknown(_clean(" ".join(words)), key)


def _unknown(name: str, key: str) -> Mention:
    return Mention(hash_id("source", "", key), name, None)

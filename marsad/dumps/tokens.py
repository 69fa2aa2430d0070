"""Where a JSON value ends, on bytes, without building it."""

import re
from typing import Final, Protocol

NEEDS_MORE: Final = -1
BROKEN: Final = -2
#: Brackets inside each other that are followed; no JSON parser here takes so many.
MAX_DEPTH: Final = 10_000

_BLANKS: Final = b" \t\r\n,:"
_TOKEN: Final = re.compile(
    rb'[ \t\r\n,:]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"|true|false|null|[-+]?+(?:NaN|Infinity)'
    rb"|[-+0-9.eE]++(?!\Z|(?<=[-+])[NI])|([\[{])|([\]}])",
    re.DOTALL,
)
#: The start of a token that the end of the data cuts.
_CUT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?\Z|[a-zA-Z0-9+\-.]++\Z', re.DOTALL)
_PAIRS: Final = {b"]": b"[", b"}": b"{"}


def element_end(data: bytes, start: int) -> int:
    """Find the end of the JSON value that starts at `start`.

    Returns:
        The offset after its last byte; `NEEDS_MORE` where the data ends before it does; `BROKEN`
        where it has what no JSON has, or brackets that do not match.
    """
    stack: list[bytes] = []
    position = start
    while match := _TOKEN.match(data, position):
        if match[1]:
            stack.append(match[1])
            if len(stack) > MAX_DEPTH:
                return BROKEN
        elif match[2] and (not stack or stack.pop() != _PAIRS[match[2]]):
            return BROKEN
        if not stack and data[position] not in _BLANKS:
            return match.end()
        position = match.end()
    return NEEDS_MORE if position >= len(data) or _CUT.match(data, position) else BROKEN


class Finder(Protocol):
    """Looks through blocks for an end."""

    def feed(self, data: bytes) -> int | None:
        """Return the offset in this block where the element ends, or None."""
        ...


class ValueSkipper:
    """Finds the end of a JSON value of any length, with no memory of it."""

    _REST: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
    _MARK: Final = re.compile(rb'["{}\[\]]')

    def __init__(self) -> None:
        """Start before the value's first byte."""
        self._depth = 0
        self._in_string = False
        self._escaped = False  # whether the last block ended in a backslash

    def feed(self, data: bytes) -> int | None:
        """Return the offset after the value's last byte, once that is in this block."""
        position = int(self._escaped and bool(data))
        self._escaped = self._escaped and not data
        while position < len(data):
            if self._in_string:
                rest = self._REST.match(data, position)
                assert rest is not None
                position = rest.end() + 1
                self._escaped = data[rest.end() :] == b"\\"
                self._in_string = rest.end() == len(data) or self._escaped
            elif mark := self._MARK.search(data, position):
                position = mark.end()
                self._in_string = mark[0] == b'"'
                self._depth += (mark[0] in b"{[") - (mark[0] in b"}]")
                if self._in_string:
                    continue
            else:
                return None
            if not self._in_string and self._depth <= 0:
                return min(position, len(data))
        return None


class SeamFinder:
    """Finds the next place that looks like the end of one object and the start of another."""

    _SEAM: Final = re.compile(rb"\}\s*,\s*(?=\{)")
    _OVERLAP: Final = 64

    def __init__(self) -> None:
        """Start anywhere."""
        self._tail = b""

    def feed(self, data: bytes) -> int | None:
        """Return the offset after the object's bracket; 0 where the last block ended with it."""
        seam = self._SEAM.search(self._tail + data)
        end = seam and max(seam.start() + 1 - len(self._tail), 0)
        self._tail = (self._tail + data)[-self._OVERLAP :]
        return end

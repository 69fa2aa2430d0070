"""Agencies and media that an article's body quotes.

A scan for one literal runs at more than 10 GB/s in Polars, one regex over all names at 50 MB/s. So
bodies are searched for a few dozen anchors (category words, verbs, the commonest agencies), the
word after an anchor must be one that opens a known name, and only the lines of what remains are
read in Python: no name goes over the end of a line, and what makes it a citation hardly.
"""

from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.citation_context import Contexts
from marsad.parse.citation_names import Names
from marsad.parse.literals import find_literals
from marsad.parse.source_index import SourceIndex
from marsad.schema import CITATIONS

#: A source named again in brackets this close to its last citation is the same citation:
#: "وكالة الأنباء السعودية (واس)" (the Saudi Press Agency (SPA)).
SAME_BREATH: Final = 24

#: Columns of `CITATIONS` that a body alone gives.
_FOUND: Final = ("char_offset", "citation_raw", "source_id")
_OPENING: Final = '(«"“'
_TATWEEL: Final = "\u0640"

#: Words, names and pieces of text that are kept from one batch to the next.
_MOST_KEPT: Final = 100_000


def find_citations(bodies: pl.Series, index: SourceIndex) -> pl.DataFrame:
    """Find the known sources that bodies quote.

    Args:
        bodies: String, display text, nullable.
        index: the known sources.

    Returns:
        row (Int64, number of the body, from 0) and, as in `schema.CITATIONS`, char_offset,
        citation_raw and source_id; by row, then place. `char_offset` counts code points from 0.
    """
    reader = _reader_of(index)
    found: list[tuple[int, int, str, str]] = []
    row = -1
    last: dict[str, _Last] = {}
    for line in zip(*_lines(bodies, reader), strict=True):
        if line[0] != row:
            row, last = line[0], {}
        found += reader.citations(*line, last)
    schema = {"row": pl.Int64()} | {name: CITATIONS[name] for name in _FOUND}
    return pl.DataFrame(found, schema=schema, orient="row")


class _Last(NamedTuple):
    """The last citation of a source in a body: where it ends there, and what is behind it."""

    end: int
    behind: str


class _Reader:
    """Reads bodies; what it looked up in one batch it knows in the next."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index
        self.openings = pl.Series(sorted(index.openings)).implode()
        self.names = Names(index)
        self._contexts = Contexts(index)

    @property
    def n_kept(self) -> int:
        """How many words, names and pieces of text were looked up."""
        return self.names.n_kept + self._contexts.n_kept

    def citations(
        self, row: int, character: int, text: str, anchors: list[int], last: dict[str, _Last]
    ) -> list[tuple[int, int, str, str]]:
        """Return the citations of a line of `_Lines`, in order.

        Args:
            last: where each source was cited last in this body; updated.

        Returns:
            row, place in the body, citation as printed, id of the source.
        """
        begun = {self.names.begin(text, word) for word in _words_at(text, anchors)}
        found = []
        done = 0
        for beginning in sorted(filter(None, begun), key=itemgetter(0)):
            if beginning.start < done:
                continue
            named = self.names.read(text, beginning)
            if named is None or not self._contexts.is_cited(text, named):
                continue
            slug, end = named.source.slug, named.end
            place = character + named.start
            if slug not in last or _is_apart(last[slug], place):
                printed = text[named.start : end]
                found.append((row, place, printed, self.names.source_id(named.source)))
                done = end
            last[slug] = _Last(character + end, text[end : end + SAME_BREATH])
        return found


class _Lines(NamedTuple):
    """Lines of bodies that may hold citations, by body and place.

    Attributes:
        row: the body.
        character: where the line begins in its body, in code points.
        text: the line, and what little is behind it that says whether a name on it is cited.
        anchors: where those anchors stand on the line that may lead to a name, ascending.
    """

    row: list[int]
    character: list[int]
    text: list[str]
    anchors: list[list[int]]


def _lines(bodies: pl.Series, reader: _Reader) -> _Lines:
    index = reader.index
    hits = find_literals(bodies, (*index.wires, *index.anchors))
    n = len(index.wires) + len(index.anchors)
    kind = hits.row * n + hits.literal  # an anchor in a body
    opens = hits.windowed[_opens_name(hits.windows, reader.openings)]
    leads = np.zeros(n * len(bodies), dtype=np.bool_)
    leads[kind[opens]] = True
    leading = np.flatnonzero(leads[kind] | (hits.literal < len(index.wires)))
    line = hits.line[leading]
    at = hits.character[leading] - hits.line_character[line]
    first = np.flatnonzero(np.diff(line, prepend=-1))  # anchor of each line
    places = at.tolist()
    return _Lines(
        hits.row[leading[first]].tolist(),
        hits.line_character[line[first]].tolist(),
        hits.lines.gather(line[first]).to_list(),
        [places[i:j] for i, j in pairwise([*first.tolist(), len(places)])],
    )


def _opens_name(windows: pl.Series, openings: pl.Series) -> npt.NDArray[np.bool_]:
    """Say of each window whether the words after its first open a name.

    A category word there need not count: it is an anchor of its own.
    """
    distinct = windows.unique()
    words = fold_series(distinct).str.split(" ")
    first = words.list.get(1, null_on_oob=True)
    both = words.list.slice(1, 2).list.join(" ")
    opening = distinct.filter((first.is_in(openings) | both.is_in(openings)).fill_null(False))
    return windows.is_in(opening.implode()).to_numpy()


_readers: list[_Reader] = []  # one at most


def _reader_of(index: SourceIndex) -> _Reader:
    """Return the reader of an index, with all that it looked up in earlier batches."""
    if not _readers or _readers[0].index is not index or _readers[0].n_kept > _MOST_KEPT:
        _readers[:] = [_Reader(index)]
    return _readers[0]


def _words_at(text: str, places: list[int]) -> list[int]:
    """Return where the words begin that have the letters at places, or right behind them.

    Args:
        text: letters and tatweels before a place are of its word, nothing else.
        places: ascending.

    Returns:
        Ascending, none twice: many places in one long word are gone through once.
    """
    words: list[int] = []
    place = word = 0  # the last one, and where its word begins
    for at in places:
        before, place = place, at if text[at].isalpha() else at + 1
        start = place
        while start > before and ((letter := text[start - 1]).isalpha() or letter == _TATWEEL):
            start -= 1
        word = start if start > before else word
        if not words or words[-1] != word:
            words.append(word)
    return words


def _is_apart(last: _Last, place: int) -> bool:
    """Say whether a source named again at a place is cited anew there."""
    if place - last.end > SAME_BREATH:
        return True
    between = last.behind[: max(0, place - last.end)]
    return bool(between.strip()) and between[-1] not in _OPENING

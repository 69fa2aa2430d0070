"""Read a file once: its hash, its kind, and where workers may start in it."""

import hashlib
import io
from collections.abc import Callable
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

from marsad.dumps.archives import open_zip
from marsad.dumps.encodings import SAMPLE_BYTES, detect
from marsad.dumps.fields import FieldMap
from marsad.dumps.files import open_blocks, status_of
from marsad.dumps.kinds import HEAD_BYTES, Kind, kind_of
from marsad.dumps.parquet import row_groups
from marsad.dumps.streams import Budget, StreamError
from marsad.dumps.walk import path_of
from marsad.settings import Limits

_BLOCK: Final = 2**20
#: Parts into which a row group is cut at most.
_GROUP_PARTS: Final = 4
#: How much larger text is than its compressed file, about.
_EXPANSION: Final = 5


class Span(NamedTuple):
    """A part of a dump that one worker reads.

    Attributes:
        start: offset of its first byte; of a zip or Parquet, its first member or row, from 0.
        end: where it stops.
        first_no: number of the first record, from 1 (of a zip it says nothing).
        n_bytes: about how many decompressed bytes it has.
    """

    start: int
    end: int
    first_no: int
    n_bytes: int


class Facts(NamedTuple):
    """What is known of a file after reading it once.

    Attributes:
        uri: the file.
        n_bytes: its size.
        mtime_us: when it was changed, microseconds since 1970, UTC.
        sha256: of its bytes, 64 hex digits.
        format: as in `kinds.Kind`, None where unknown (then nothing was hashed).
        codecs: joined by dots, the outermost first.
        content_bytes: about how much it holds, decompressed.
        spans: the parts that can be read apart; none: only all of it.
        rule: what is wrong with it, or None.
        detail: what exactly.
    """

    uri: str
    n_bytes: int
    mtime_us: int
    sha256: str
    format: str | None
    codecs: str
    content_bytes: int
    spans: tuple[Span, ...]
    rule: str | None
    detail: str


def inspect(
    uri: str, limits: Limits, fields: FieldMap, progress: Callable[[int], None] | None
) -> Facts:
    """Hash a file, and find what it is, in one pass.

    Args:
        uri: as `walk.uri_of` writes it.
        limits: bounds on input.
        fields: synonyms; a table must have a column that they name as a text.
        progress: is told how many bytes were read since it was last told.

    Returns:
        The facts; a file that cannot be read has `rule` `unreadable`.
    """
    try:
        with open_blocks(uri) as file:
            return _inspect(uri, file, limits, fields, progress)
    except OSError as error:
        detail = error.strerror or str(error)
        return Facts(uri, 0, 0, "", None, "", 0, (), "unreadable", detail)


def _inspect(
    uri: str,
    file: BinaryIO | io.FileIO,
    limits: Limits,
    fields: FieldMap,
    progress: Callable[[int], None] | None,
) -> Facts:
    status = status_of(file)
    block = file.read(_BLOCK)
    kind = kind_of(uri, block[:HEAD_BYTES], limits)
    facts = Facts(uri, status.n_bytes, status.mtime_us, "", None, "", 0, (), "unknown_format", "")
    if kind.format is None:
        return facts._replace(detail="no kind of file that Marsad reads: left out")
    lines = (
        _LineMarks(limits.unit_bytes) if _has_lines(kind, block, status.n_bytes, limits) else None
    )
    digest = hashlib.sha256()
    n_bytes = 0
    while block:
        digest.update(block)
        n_bytes += len(block)
        if lines:
            lines.feed(block)
        if progress:
            progress(len(block))
        block = file.read(_BLOCK)
    facts = facts._replace(
        n_bytes=n_bytes,
        sha256=digest.hexdigest(),
        format=kind.format,
        codecs=".".join(kind.codecs),
        content_bytes=n_bytes * (_EXPANSION if kind.codecs else 1),
        spans=lines.spans() if lines else (),
        rule=None,
    )
    if kind not in (Kind("zip"), Kind("parquet")):
        return facts
    try:
        spans = _parts(uri, file, kind, limits, fields)
    except StreamError as error:
        return facts._replace(rule=error.rule, detail=error.detail)
    return facts._replace(spans=spans, content_bytes=sum(span.n_bytes for span in spans))


def _has_lines(kind: Kind, head: bytes, n_bytes: int, limits: Limits) -> bool:
    """Whether a file can be cut at line feeds: plain JSON Lines in UTF-8, and long."""
    if kind != Kind("jsonl") or n_bytes <= limits.unit_bytes:
        return False
    encoding = detect(head[:SAMPLE_BYTES], is_whole=len(head) < SAMPLE_BYTES)
    return encoding is None or encoding.startswith("utf-8")


class _LineMarks:
    """Counts lines as blocks go by, and marks the first line after each unit's worth of bytes."""

    def __init__(self, unit_bytes: int) -> None:
        self._unit_bytes = unit_bytes
        self._offset = 0
        self._n_lines = 0
        self._marks = [(0, 1)]  # offset and number of the line that starts there

    def feed(self, block: bytes) -> None:
        position = 0
        while (due := self._marks[-1][0] + self._unit_bytes - self._offset) <= len(block):
            feed = block.find(b"\n", max(due - 1, position))
            if feed < 0:
                break
            self._n_lines += block.count(b"\n", position, feed + 1)
            position = feed + 1
            self._marks.append((self._offset + position, self._n_lines + 1))
        self._n_lines += block.count(b"\n", position)
        self._offset += len(block)

    def spans(self) -> tuple[Span, ...]:
        ends = [offset for offset, _ in self._marks[1:]] + [self._offset]
        return tuple(
            Span(start, end, number, end - start)
            for (start, number), end in zip(self._marks, ends, strict=True)
            if end > start
        )


def _cut_group(n_rows: int, n_bytes: int, chunk_bytes: int) -> list[tuple[int, int]]:
    """Cut a large row group into a few runs of rows; whoever reads one passes over those before."""
    n_parts = max(1, min(_GROUP_PARTS, n_bytes // chunk_bytes, n_rows))
    ends = [n_rows * number // n_parts for number in range(n_parts + 1)]
    return [(end - start, n_bytes // n_parts) for start, end in pairwise(ends)]


def _parts(
    uri: str, file: BinaryIO | io.FileIO, kind: Kind, limits: Limits, fields: FieldMap
) -> tuple[Span, ...]:
    """Cut a zip's members, or a Parquet's rows, into runs of about a chunk's bytes.

    Raises:
        StreamError: its directory is damaged, or names more than the bounds allow.
    """
    if kind.format == "parquet":
        groups = [
            part
            for group in row_groups(path_of(uri), fields)
            for part in _cut_group(*group, limits.chunk_bytes)
        ]
    else:
        file.seek(0)
        with open_zip(file, limits) as archive:
            groups = [(1, info.file_size) for info in archive.filelist]
        # Each part is read with a budget of its own, so that all of them are weighed here; a
        # member gives no more bytes than the directory says.
        Budget(limits, status_of(file).n_bytes).spend(sum(size for _, size in groups))
    spans = []
    first, number, n_bytes = 0, 0, 0
    for n_items, size in groups:
        number += n_items
        n_bytes += size
        if n_bytes >= limits.unit_bytes:
            spans.append(Span(first, number, first + 1, n_bytes))
            first, n_bytes = number, 0
    if number > first:
        spans.append(Span(first, number, first + 1, n_bytes))
    return tuple(spans)

"""From a stream under a name to records: through codecs and archives to the format inside."""

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final

from marsad.dumps.archives import Member, open_zip, zip_members
from marsad.dumps.context import Context, Pieces, Rejoined, reject_piece
from marsad.dumps.csv_rows import read_csv
from marsad.dumps.dates import date_in
from marsad.dumps.files import object_of, path_of_stream
from marsad.dumps.kinds import (
    HEAD_BYTES,
    MAX_CODECS,
    codec_of,
    format_of,
    inner_name,
    is_hidden,
    suffix_of,
)
from marsad.dumps.lines import RawRecord
from marsad.dumps.parquet import read_parquet
from marsad.dumps.rejects import Origin
from marsad.dumps.streams import Budget, Inflated, StreamError
from marsad.dumps.tar import tar_members
from marsad.dumps.texts import read_json, read_lines, read_page

#: No compressed file is shorter.
_MIN_BYTES: Final = 8
_BUFFER: Final = 256 * 2**10
#: What is unpacked to be read out of order stays in memory up to this size.
_SPOOL_BYTES: Final = 32 * 2**20


class Reader:
    """Reads one dump.

    Attributes:
        member: the archive member that is being read, to say where a failure struck.
    """

    def __init__(self, origin: Origin, context: Context, n_bytes: int, *, dated: bool) -> None:
        """Take the dump's place, parameters and size.

        Args:
            origin: the dump, with no member.
            context: bounds and synonyms.
            n_bytes: the size of its file.
            dated: whether `origin.observed_default` was given by the caller, so that no date in a
                member's name can change it.
        """
        self.member: str | None = None
        self._origin = origin
        self._context = context
        self._dated = dated
        self._budget = Budget(context.limits, n_bytes)

    def read(self, stream: BinaryIO, first: int = 0, end: int | None = None) -> Pieces:
        """Read the dump's file.

        Args:
            stream: the file at its start.
            first: the first member of a zip, or row of a Parquet, to read, from 0; of those that
                stand in no codec.
            end: and the one to stop at; None: read all.

        Raises:
            StreamError: the file, or the member that `member` names, cannot be read on.
        """
        return self._read(stream, self._origin.uri, self._origin, 0, (first, end))

    def _read(
        self,
        stream: BinaryIO,
        name: str,
        origin: Origin,
        depth: int,
        span: tuple[int, int | None] = (0, None),
    ) -> Pieces:
        for _ in range(MAX_CODECS):
            head, stream = _peek(stream)
            codec = codec_of(head)
            if codec is None:
                if len(head) < _MIN_BYTES and inner_name(name) != name:
                    raise StreamError(
                        "truncated", f"compressed data cannot end at {len(head)} bytes"
                    )
                break
            name = inner_name(name)
            stream = io.BufferedReader(Inflated(stream, codec, self._budget), _BUFFER)
        head, stream = _peek(stream)
        if codec_of(head) is not None:
            raise StreamError("nested_too_deeply", f"more than {MAX_CODECS} codecs on each other")
        found = format_of(inner_name(name), head)
        match found:
            case "txt":
                yield from read_page(stream, origin, self._context)
            case "jsonl":
                yield from read_lines(stream, origin, self._context)
            case "json":
                yield from read_json(stream, origin, self._context)
            case "csv" | "tsv":
                yield from read_csv(stream, inner_name(name), origin, self._context)
            case "parquet":
                with _on_disk(stream) as path:
                    yield from read_parquet(path, origin, self._context, *span)
            case "zip":
                with _seekable(stream) as file, open_zip(file, self._context.limits) as archive:
                    members = zip_members(archive, self._budget, *span)
                    yield from self._read_members(members, origin, depth)
            case "tar":
                members = tar_members(stream, self._context.limits)
                yield from self._read_members(members, origin, depth)
            case _:
                yield partial(reject_piece, origin, _unknown(name, head), self._context)

    def _read_members(self, members: Iterator[Member], origin: Origin, depth: int) -> Pieces:
        """Read what an archive holds; files that keep house for a file system are passed over."""
        if depth >= self._context.limits.depth:
            raise StreamError("nested_too_deeply", f"more than {depth} archives inside each other")
        for member in members:
            name = member.name
            if is_hidden(name):
                continue
            self.member = name if origin.member is None else f"{origin.member}!{name}"
            date = None if self._dated else date_in(name)
            inner = replace(
                origin, member=self.member, observed_default=date or origin.observed_default
            )
            if not self._is_wanted():
                pass
            elif member.stream is None:
                detail = "a link or device, which holds no data"
                record = RawRecord(1, 0, name.encode(), len(name.encode()), "no_file", detail)
                yield partial(reject_piece, inner, record, self._context)
            else:
                yield from self._read(member.stream, member.own_name, inner, depth + 1)
            self.member = origin.member

    def _is_wanted(self) -> bool:
        """Whether this member, or one in it, has to be read."""
        wanted = self._context.wanted
        return wanted is None or f"{wanted.member}!".startswith(f"{self.member}!")


def _unknown(name: str, head: bytes) -> RawRecord:
    suffix = suffix_of(name)
    detail = f"no kind of file that is read ({suffix or 'no suffix'})"
    return RawRecord(1, 0, head[:256], len(head), "unknown_format", detail)


def _peek(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """Look at a stream's first bytes; return them and the stream from its start."""
    head = stream.read(HEAD_BYTES)
    if _is_file(stream):
        stream.seek(0)
        return head, stream
    return head, io.BufferedReader(Rejoined(head, stream), _BUFFER)


def _is_file(stream: BinaryIO) -> bool:
    return path_of_stream(stream) is not None or object_of(stream) is not None


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a file itself, and of anything else a copy that is gone afterwards."""
    if _is_file(stream):
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES, prefix="marsad-") as copy:
        shutil.copyfileobj(stream, copy, _BUFFER)
        copy.seek(0)
        yield copy  # type: ignore[misc]


@contextmanager
def _on_disk(stream: BinaryIO) -> Iterator[str]:
    """Give the path of a file or the address of an object.

    Of anything else it is the path of a copy that is gone afterwards.
    """
    path, found = path_of_stream(stream), object_of(stream)
    if found is not None:
        path = found.info.uri
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="marsad-", suffix=".parquet") as copy:
        shutil.copyfileobj(stream, copy, _BUFFER)
        copy.flush()
        yield copy.name

"""Records as bytes of each dump format."""

import gzip
from collections.abc import Callable
from typing import Final, NamedTuple

from backports import zstd


class Record(NamedTuple):
    """One record; texts in UTF-8. A page has no title, source and author of its own.

    Attributes:
        number: the page's.
        url: where it was found.
        seen: `2024-11-18 03:12:44`, UTC.
        text: the page, or the article's content.
        title: of a structured article.
        source: of a structured article.
    """

    number: int
    url: bytes
    seen: bytes
    text: bytes
    title: bytes | None
    source: bytes | None


#: Field names of a page's record, and of a structured article's.
PAGE_FIELDS: Final = ("url", "date", "text")
ARTICLE_FIELDS: Final = ("source", "url", "date_extracted", "title", "author", "content")


def values(record: Record) -> tuple[bytes, ...]:
    """The record's values in the order of its fields' names."""
    if record.title is None:
        return (record.url, record.seen, record.text)
    return (record.source or b"", record.url, record.seen, record.title, b"", record.text)


def _escaped(text: bytes) -> bytes:
    # Quotes and ends of lines are all that generated texts hold of what JSON escapes.
    return text.replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\r", b"\\r")


def _json_shape(fields: tuple[str, ...]) -> bytes:
    return b"{%s}" % b", ".join(b'"%s": "%%b"' % name.encode() for name in fields)


_PAGE_SHAPE: Final = _json_shape(PAGE_FIELDS)
_ARTICLE_SHAPE: Final = _json_shape(ARTICLE_FIELDS)


def json_objects(records: list[Record]) -> list[bytes]:
    """One JSON object a record, on one line."""
    return [
        (_PAGE_SHAPE if record.title is None else _ARTICLE_SHAPE)
        % tuple([_escaped(value) for value in values(record)])
        for record in records
    ]


def json_lines(records: list[Record]) -> bytes:
    """JSON Lines."""
    return b"".join([line + b"\n" for line in json_objects(records)])


def json_elements(records: list[Record]) -> bytes:
    """Elements of a JSON array, without its brackets."""
    return b",\n".join(json_objects(records))


def csv_rows(records: list[Record]) -> bytes:
    """CSV rows, every value in quotes."""
    return b"".join(
        [
            b",".join([b'"' + value.replace(b'"', b'""') + b'"' for value in values(record)])
            + b"\n"
            for record in records
        ]
    )


def csv_header(*, is_article: bool) -> bytes:
    """The first line of a CSV file."""
    return ",".join(ARTICLE_FIELDS if is_article else PAGE_FIELDS).encode() + b"\n"


def json_lines_gzip(records: list[Record]) -> bytes:
    """JSON Lines as one gzip member, with no time in it."""
    return gzip.compress(json_lines(records), compresslevel=6, mtime=0)


def json_lines_zstd(records: list[Record]) -> bytes:
    """JSON Lines as one Zstandard frame."""
    return zstd.compress(json_lines(records), level=3)


#: Formats whose files are the encoded pieces one after another.
STREAMED: Final[dict[str, Callable[[list[Record]], bytes]]] = {
    "jsonl": json_lines,
    "jsonl.gz": json_lines_gzip,
    "jsonl.zst": json_lines_zstd,
    "json": json_elements,
    "csv": csv_rows,
}

"""What is true of each page that was made: one row a record."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
import polars as pl

UTC: Final = pl.Datetime("us", "UTC")

#: One row a record. Texts are as the page prints them. An empty list stands for nothing there.
TRUTH: Final = pl.Schema(
    {
        "file": pl.String(),  # relative to the folder `dumps`
        "member": pl.String(),  # inside an archive
        "record_no": pl.Int64(),
        "kind": pl.String(),  # `page` or `article`
        "variants": pl.List(pl.String()),
        "observed_at": UTC,
        "main_article": pl.Int64(),  # number of the article, the same wherever it is shown
        "title": pl.String(),
        "publisher_raw": pl.String(),  # of the header, without its colon
        "updated_at": UTC,
        "published_at": UTC,  # null too where the page prints an impossible date
        "author": pl.String(),  # a line of its own behind the header
        "body": pl.String(),  # paragraphs with a blank line between them
        "signature": pl.List(pl.String()),
        "promotion": pl.List(pl.String()),
        "contact": pl.List(pl.String()),
        "source_raw": pl.String(),  # of its own line, else the header's publisher
        "source_names": pl.List(pl.String()),  # the known sources in it, in order
        "keywords_raw": pl.String(),
        "keywords": pl.List(pl.String()),  # in the line's order, repeats and all
        "keywords_delimited": pl.Boolean(),
        "read_also_article": pl.Int64(),
        "read_also_title": pl.String(),
        "read_also_source_raw": pl.String(),  # without the dots behind it
        "read_also_source_names": pl.List(pl.String()),
        "read_also_body": pl.String(),
        "links": pl.List(pl.String()),
        "link_targets": pl.List(pl.Int64()),  # number of an article whose title the run shows
        "link_matches": pl.List(pl.String()),  # `exact` (after folding), `near`, null
    }
)


class Truth(NamedTuple):
    """One row of `TRUTH`; texts in UTF-8."""

    file: str
    member: str | None
    record_no: int
    kind: str
    variants: list[str]
    observed_at: int
    main_article: int
    title: bytes | None = None
    publisher_raw: bytes | None = None
    updated_at: int | None = None
    published_at: int | None = None
    author: bytes | None = None
    body: bytes = b""
    signature: tuple[bytes, ...] = ()
    promotion: tuple[bytes, ...] = ()
    contact: tuple[bytes, ...] = ()
    source_raw: bytes | None = None
    source_names: tuple[str, ...] = ()
    keywords_raw: str | None = None
    keywords: tuple[str, ...] = ()
    keywords_delimited: bool | None = None
    read_also_article: int | None = None
    read_also_title: bytes | None = None
    read_also_source_raw: bytes | None = None
    read_also_source_names: tuple[str, ...] = ()
    read_also_body: bytes | None = None
    links: tuple[bytes, ...] = ()
    link_targets: tuple[int | None, ...] = ()
    link_matches: tuple[str | None, ...] = ()


#: Fields that hold UTF-8 bytes in `Truth`, alone or in a tuple.
_BYTES: Final = frozenset(
    {"title", "publisher_raw", "author", "body", "source_raw", "read_also_title"}
    | {"read_also_source_raw", "read_also_body"}
)
_BYTE_LISTS: Final = frozenset({"signature", "promotion", "contact", "links"})


def truth_frame(rows: list[Truth]) -> pl.DataFrame:
    """Return rows as a frame with the schema `TRUTH`."""
    columns = []
    for (name, dtype), values in zip(TRUTH.items(), zip(*rows, strict=True), strict=True):
        if isinstance(dtype, pl.List):
            column = _lists(values, dtype, is_bytes=name in _BYTE_LISTS)
        elif name in _BYTES:
            column = pl.Series(values, dtype=pl.Binary).cast(pl.String)
        elif dtype == UTC:
            column = pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us"))
            column = column.dt.replace_time_zone("UTC")
        else:
            column = pl.Series(values, dtype=dtype)
        columns.append(column.alias(name))
    return pl.DataFrame(columns)


def _lists(values: Iterable[Sequence[object]], dtype: pl.List, *, is_bytes: bool) -> pl.Series:
    """A column of lists from their items in a row, which is many times faster than list by list."""
    # Imported here: it costs a third of a second. It has no types.
    import pyarrow

    kept = list(values)
    items = list(chain.from_iterable(kept))
    flat = pl.Series(items, dtype=pl.Binary if is_bytes else dtype.inner).cast(dtype.inner)
    ends = np.cumsum([0, *map(len, kept)], dtype=np.int64)
    column = pl.from_arrow(pyarrow.LargeListArray.from_arrays(ends, flat.to_arrow()))
    return pl.Series(column).cast(dtype)

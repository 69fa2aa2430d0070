"""Texts as slices of one buffer, without a copy of each."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from marsad.parse.built import IS_BUILT

if IS_BUILT:
    from marsad.parse import _native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

#: Arrow's view of a text: a short one stands in the view itself, of another its first four bytes,
#: its buffer and its place there.
_VIEW: Final = np.dtype([("size", "<i4"), ("prefix", "<u4"), ("buffer", "<i4"), ("start", "<i4")])
_INLINE: Final = 12
_REACH: Final = 1 << 30  # places are signed 32-bit numbers; no text is longer than this


def bytes_of(texts: pl.Series) -> tuple[Bytes, Ints]:
    r"""Return texts as UTF-8, one after the other, each with a `\n`; and where each ends with it.

    Args:
        texts: String, none null.
    """
    sizes = texts.str.len_bytes().cast(pl.Int64).to_numpy()
    # The empty text is there for the last `\n`.
    whole = pl.concat([texts, pl.Series([""], dtype=pl.String())]).str.join("\n")
    _, ends, data = whole.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    first, last = np.frombuffer(ends, np.int64, 2).tolist()
    return np.frombuffer(data or b"", np.uint8)[first:last], np.cumsum(sizes + 1)


def packed(texts: pl.Series) -> tuple[Bytes, Ints]:
    """Return texts as UTF-8, one after the other with nothing between, and where each ends.

    Args:
        texts: String, none null.
    """
    _, places, data = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    ends = np.frombuffer(places or bytes(8), np.int64)[: len(texts) + 1]
    whole = np.frombuffer(data or b"", np.uint8)
    return whole[ends[0] : ends[-1]], ends[1:] - ends[0]


def bytes_of_each(texts: pl.Series) -> Iterator[memoryview]:
    """Yield the UTF-8 of each text where it stands.

    Args:
        texts: String, none null.
    """
    # Neither copied, as `packed` does, nor decoded and encoded again, as Python strings would be.
    for chunk in texts.get_chunks():
        array = chunk.to_arrow(compat_level=pl.CompatLevel.newest())
        _, places, *buffers = array.buffers()
        views = np.frombuffer(places or b"", _VIEW)[array.offset : array.offset + len(array)]
        inline = memoryview(views.tobytes())
        data = [memoryview(buffer or b"") for buffer in buffers]
        rows = zip(
            views["size"].tolist(), views["buffer"].tolist(), views["start"].tolist(), strict=True
        )
        for row, (size, buffer, start) in enumerate(rows):
            if size > _INLINE:
                yield data[buffer][start : start + size]
            else:
                at = row * _VIEW.itemsize + 4
                yield inline[at : at + size]


def slices(data: Bytes, start: Ints, end: Ints) -> pl.Series:
    """Return the texts between places of one buffer, which they go on to share.

    Args:
        data: UTF-8.
        start: of each, its first byte; ascending.
        end: the byte behind its last.
    """
    parts = [pl.Series([], dtype=pl.String())]
    done = 0
    while done < len(start):
        base = int(start[done])
        last = int(np.searchsorted(start, base + _REACH))
        parts.append(_near(data[base:], start[done:last] - base, end[done:last] - base))
        done = last
    return pl.concat(parts)


def _near(data: Bytes, start: Ints, end: Ints) -> pl.Series:
    views = _views_by_loop if IS_BUILT else _views_by_numpy
    buffers = [None, pa.py_buffer(views(data, start, end)), pa.py_buffer(data)]
    found = pl.from_arrow(pa.Array.from_buffers(pa.string_view(), len(start), buffers))
    assert isinstance(found, pl.Series)
    return found


def _views_by_loop(data: Bytes, start: Ints, end: Ints) -> bytes:
    return _native.view_rows(data, start, end)


def _views_by_numpy(data: Bytes, start: Ints, end: Ints) -> npt.NDArray[np.void]:
    views = np.zeros(len(start), dtype=_VIEW)
    size = end - start
    views["size"] = size
    views["start"] = start
    far = np.flatnonzero(size > _INLINE)
    prefix = np.zeros((len(start), 4), dtype=np.uint8)
    for place in range(4):
        prefix[far, place] = data[start[far] + place]
    views["prefix"] = prefix.view("<u4")[:, 0]
    short = np.flatnonzero(size <= _INLINE)
    inline = np.zeros((len(short), _INLINE), dtype=np.uint8)
    for place in range(_INLINE):
        has = size[short] > place
        inline[has, place] = data[start[short[has]] + place]
    raw = views.view(np.uint8).reshape(-1, _VIEW.itemsize)
    raw[short, 4:] = inline
    return views

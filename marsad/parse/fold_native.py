"""Folding by the compiled loop of `_native.c`, where it was built."""

import functools
from typing import Final

import numpy as np

from marsad.parse.built import IS_BUILT
from marsad.parse.fold_map import fold_map
from marsad.parse.folds import Folds
from marsad.parse.slices import Bytes, Ints

if IS_BUILT:
    from marsad.parse import _native

_INLINE: Final = 3
_TEXT, _KEPT, _SPACE = 0xFD, 0xFE, 0xFF


@functools.cache
def _tables() -> tuple[Bytes, bytes]:
    """Return the map in the form that `_native.c` describes."""
    entries = np.zeros((0x110000, 4), dtype=np.uint8)
    entries[:, 3] = _KEPT
    for code in range(0x800):  # what most texts are made of goes the shortest way
        _put(entries, code, chr(code).encode())
    texts = bytearray()
    for code, text in {ord(" "): " ", **fold_map()}.items():
        fold = text.encode()
        if text == " ":
            entries[code, 3] = _SPACE
        elif " " not in text and len(fold) <= (_INLINE if code >= 0x80 else 1):
            _put(entries, code, fold)
        else:
            entries[code, :3] = list(len(texts).to_bytes(3, "little"))
            entries[code, 3] = _TEXT
            texts += bytes([len(fold)]) + fold
    return entries, bytes(texts)


def _put(entries: Bytes, code: int, fold: bytes) -> None:
    entries[code, : len(fold)] = list(fold)
    entries[code, 3] = len(fold)


def fold_rows(data: Bytes, starts: Ints, ends: Ints) -> Folds:
    """Fold each part of a text; see `marsad.parse.arabic.fold_rows`."""
    folded, places = _native.fold_lines(data, starts, ends, *_tables())
    start, end, n_words = np.frombuffer(places, np.int64).reshape(3, -1)
    return Folds(np.frombuffer(folded, np.uint8), start, end, n_words)

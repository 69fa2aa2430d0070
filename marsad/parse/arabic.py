"""Folding: the one definition of the keys under which Marsad compares Arabic text.

A fold is a map from each code point to a short text (`data/reference/fold.csv`), then spaces
collapsed and stripped. Being data, it does not change with Python's or DuckDB's Unicode version,
and with it the ids of articles do not. The SQL macro `fold_ar` (`sql/macros.sql`) is the same map.

Display text is never folded.
"""

import numpy as np
import polars as pl

from marsad.parse import fold_native, fold_numpy
from marsad.parse.built import IS_BUILT
from marsad.parse.fold_map import fold_map
from marsad.parse.folds import Folds
from marsad.parse.slices import Bytes, Ints, packed


def fold(text: str) -> str:
    """Return the key of a text: one line, no space at either end and no two in a row.

    Example: "إِقْرَأ أَيضًا :" (read also) becomes "اقرا ايضا".

    Args:
        text: anything, lone surrogates and NULs too.
    """
    return " ".join(filter(None, text.translate(fold_map()).split(" ")))


def fold_series(s: pl.Series) -> pl.Series:
    """Return the key of each text; null stays null. Same as `fold`, some fifty times as fast.

    Args:
        s: String.
    """
    texts = s.fill_null("")
    if IS_BUILT:
        data, ends = packed(texts)
        folds = fold_native.fold_rows(data, np.append(0, ends[:-1])[: len(ends)], ends)
        folded = folds.texts().rename(s.name)
    else:
        folded = fold_numpy.fold_texts(texts)
    return folded if s.null_count() == 0 else folded.set(s.is_null(), None)


def fold_rows(data: Bytes, starts: Ints, ends: Ints) -> Folds:
    """Return the key of each of some parts of a text.

    Args:
        data: UTF-8.
        starts: of each part, its first byte; none lies before the end of the part above.
        ends: of each part, the byte behind its last.
    """
    fold_parts = fold_native.fold_rows if IS_BUILT else fold_numpy.fold_rows
    return fold_parts(data, starts, ends)

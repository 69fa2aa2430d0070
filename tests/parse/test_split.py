"""Splitting: the compiled loop and NumPy find the same lines, and those that Python finds."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marsad.parse.built import IS_BUILT
from marsad.parse.slices import slices
from marsad.parse.split import EDGES, Split, split_by_loop, split_by_numpy

WAYS: list[Callable[[pl.Series], Split]] = [split_by_numpy]
if IS_BUILT:
    WAYS.append(split_by_loop)

RAGGED = st.text(st.sampled_from([*EDGES, "\n", "\n", "ب", "a", ".", "\u200f", "é", "…", "😀"]))
ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(RAGGED | ENCODABLE, max_size=6))
@example([])
@example(["", "\n", " \u00a0\n\ufeff", "a\n\nb", "\u3000ب\u200b ", "c"])
def test_lines_are_those_of_the_text(way: Callable[[pl.Series], Split], texts: list[str]) -> None:
    split = way(pl.Series(texts, dtype=pl.String()))
    lines = [
        (row, line.strip(EDGES))
        for row, text in enumerate(texts)
        for line in text.split("\n")
        if line.strip(EDGES)
    ]
    found = slices(split.data, split.start, split.end).to_list()
    assert [*zip(split.row.tolist(), found, strict=True)] == lines


def test_the_loop_refuses_edges_and_rows_that_are_none() -> None:
    if not IS_BUILT:
        pytest.skip("no compiled loop")
    from marsad.parse import _native

    for edges in (b"\x00", b"\x02a", b"\x01a\x05b"):
        with pytest.raises(ValueError, match="edges"):
            _native.split_rows(b"abc", np.array([3]), edges)
    for ends in ([4], [-1], [2, 1]):
        with pytest.raises(ValueError, match="outside"):
            _native.split_rows(b"abc", np.array(ends), b"\x01 ")

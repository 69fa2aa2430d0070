"""Slices of one buffer are the texts that stand there."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.parse.lines import split_lines
from marsad.parse.slices import bytes_of, bytes_of_each, slices

#: Texts around the size up to which Arrow keeps them in the view itself.
TEXTS = st.lists(st.text("aب€😀 ", max_size=14), max_size=12)


@given(TEXTS)
def test_slices_are_the_texts_between_the_places(texts: list[str]) -> None:
    data, ends = bytes_of(pl.Series(texts, dtype=pl.String()))
    assert data.tobytes() == "".join(f"{text}\n" for text in texts).encode()
    starts = np.append(0, ends[:-1])[: len(ends)]
    assert slices(data, starts, ends - 1).to_list() == texts


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_the_bytes_of_each_text_are_its_own(texts: list[str], more: list[str], first: int) -> None:
    column = pl.concat([pl.Series(each, dtype=pl.String()) for each in (texts, more)])[first:]
    found = [bytes(text).decode() for text in bytes_of_each(column)]
    assert found == [*texts, *more][first:]


def test_places_farther_than_a_view_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marsad.parse.slices._REACH", 16)
    texts = ["خبر", "a" * 40, "", "نص طويل من كلمات عدة", "b"]
    data, ends = bytes_of(pl.Series(texts))
    assert slices(data, np.append(0, ends[:-1]), ends - 1).to_list() == texts


@given(st.lists(st.text("ab\t\u00a0\u200a\u3000\ufeff\u200b\u2007•ب \n", max_size=12), max_size=6))
def test_lines_have_no_space_at_their_ends(texts: list[str]) -> None:
    lines = split_lines(pl.Series(texts, dtype=pl.String()))
    edges = " \t\u00a0\u200a\u3000\ufeff\u200b\u2007"
    expected = [line.strip(edges) for text in texts for line in text.split("\n")]
    assert lines.table["text"].to_list() == [line for line in expected if line]

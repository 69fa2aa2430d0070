"""Items, and how they are counted."""

import polars as pl
import pytest

from marsad.evaluate.score import ITEMS, Score, Tally, of_bag, of_list, one_a_key

TRUE = [("title", "p1", 1, "A"), ("title", "p2", 1, "B"), ("links", "p1", 1, "x")]


def items(*rows: tuple[str, str, int, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ITEMS, orient="row")


def counted(*found: tuple[str, str, int, str]) -> dict[str, tuple[int, int, int]]:
    tally = Tally("c", ["title", "links", "nothing"])
    tally.add(items(*TRUE), items(*found))
    return {score.field: (score.n_true, score.n_found, score.n_right) for score in tally.scores()}


@pytest.mark.parametrize(
    ("found", "title", "links"),
    [
        pytest.param(TRUE, (2, 2, 2), (1, 1, 1), id="all right"),
        pytest.param(TRUE[1:], (2, 1, 1), (1, 1, 1), id="one is missing"),
        pytest.param([("title", "p1", 1, "Z"), *TRUE[1:]], (2, 2, 1), (1, 1, 1), id="other value"),
        pytest.param([("title", "p3", 1, "A"), *TRUE[1:]], (2, 2, 1), (1, 1, 1), id="other page"),
        pytest.param([*TRUE[:2], ("links", "p1", 2, "x")], (2, 2, 2), (1, 1, 0), id="other place"),
        pytest.param([*TRUE, TRUE[0]], (2, 3, 2), (1, 1, 1), id="found twice"),
        pytest.param([], (2, 0, 0), (1, 0, 0), id="nothing found"),
    ],
)
def test_every_kind_of_error_is_counted(
    found: list[tuple[str, str, int, str]], title: tuple[int, ...], links: tuple[int, ...]
) -> None:
    assert counted(*found) == {"title": title, "links": links, "nothing": (0, 0, 0)}


def test_blocks_are_summed() -> None:
    tally = Tally("c", ["title", "links"])
    tally.add(items(*TRUE), items(*TRUE))
    tally.add(items(*TRUE), items())
    assert tally.scores() == [Score("c", "title", 4, 2, 2), Score("c", "links", 2, 1, 1)]


def test_a_field_that_is_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tally("c", ["title"]).add(items(*TRUE), items())


@pytest.mark.parametrize(
    ("score", "precision", "recall", "f1"),
    [
        pytest.param(Score("c", "f", 4, 2, 1), 0.5, 0.25, 1 / 3, id="some"),
        pytest.param(Score("c", "f", 0, 0, 0), None, None, 1.0, id="nothing there, nothing found"),
        pytest.param(Score("c", "f", 0, 1, 0), 0.0, None, 0.0, id="a false one"),
        pytest.param(Score("c", "f", 1, 0, 0), None, 0.0, 0.0, id="a missed one"),
    ],
)
def test_shares(score: Score, precision: float | None, recall: float | None, f1: float) -> None:
    assert (score.precision, score.recall) == (precision, recall)
    assert score.f1 == pytest.approx(f1)


def test_what_is_empty_is_no_item() -> None:
    rows = pl.DataFrame({"page": ["p1", "p2", "p3"], "title": ["A", None, ""]})
    assert one_a_key(rows, "page", ["title"]).rows() == [("title", "p1", 1, "A")]
    lists = pl.DataFrame({"page": ["p1", "p2"], "links": [["x", "y"], []]})
    assert of_list(lists, "page", "links").rows() == [
        ("links", "p1", 1, "x"),
        ("links", "p1", 2, "y"),
    ]


def test_in_a_bag_order_does_not_matter_and_number_does() -> None:
    def bag(*values: str) -> pl.DataFrame:
        return of_bag(pl.DataFrame({"key": ["l"] * len(values), "value": values}), "title")

    tally = Tally("c", ["title"])
    tally.add(bag("a", "b", "a"), bag("b", "a", "c"))
    assert tally.scores() == [Score("c", "title", 3, 3, 2)]

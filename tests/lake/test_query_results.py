"""What a person's query gives: any type and any names, as a frame."""

from typing import Any

import duckdb
import pytest

from marsad.errors import QueryError
from marsad.lake import query as lake_query
from marsad.lake.query import run_query
from marsad.settings import QueryBounds


@pytest.mark.parametrize(
    ("query", "columns", "row"),
    [
        pytest.param(
            "select timestamptz '2024-01-03' - timestamptz '2024-01-01 10:00' as late",
            ["late"],
            ("1 day 14:00:00",),
            id="difference-of-times",
        ),
        pytest.param(
            "select {'a': [interval 2 hour]} as s, '101'::bit as b, union_value(u := 2) as u",
            ["s", "b", "u"],
            ("{'a': ['02:00:00']}", "101", "2"),
            id="types-of-the-engine",
        ),
        pytest.param(
            'select 1 as a, 2 as a, 3 as a_1, 4 as "x""y", 5 as "x""y"',
            ["a", "a_1", "a_1_1", 'x"y', 'x"y_1'],
            (1, 2, 3, 4, 5),
            id="names-twice",
        ),
    ],
)
def test_any_result_is_a_frame(query: str, columns: list[str], row: tuple[object, ...]) -> None:
    frame = run_query(duckdb.connect(), query, QueryBounds())
    assert frame.columns == columns
    assert frame.rows() == [row]


def test_rows_keep_their_order_where_names_are_mended() -> None:
    query = "select i as n, i as n from range(300000) t (i) order by hash(i)"
    found = run_query(duckdb.connect(), query, QueryBounds())["n"].to_list()
    expected = duckdb.sql("select i from range(300000) t (i) order by hash(i)").fetchall()
    assert found == [number for (number,) in expected]


@pytest.mark.parametrize(
    "value",
    [
        "'infinity'::timestamp",
        "'-infinity'::timestamptz",
        "'infinity'::date",
        "'290000-01-01'::date",
    ],
)
def test_a_time_that_nobody_can_show_is_told_with_the_way_out(value: str) -> None:
    with pytest.raises(QueryError, match=r'"t x"::varchar'):
        run_query(duckdb.connect(), f'select {value} as "t x"', QueryBounds())
    for edge in (
        "'0001-01-01'::timestamp",
        "'9999-12-31 23:59:59.999999'::timestamp",
        "null::date",
    ):
        assert run_query(duckdb.connect(), f"select {edge} as t", QueryBounds()).rows()


def test_what_fails_in_the_midst_of_a_long_result_is_told_as_the_engine_says_it() -> None:
    query = "select if(n = 900000, error('no such row'), n::varchar) from range(1000000) t(n)"
    with pytest.raises(QueryError, match="no such row"):
        run_query(duckdb.connect(), query, QueryBounds())


def test_a_failure_of_which_the_engine_tells_an_interruption_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = iter([duckdb.InterruptException("INTERRUPT Error: Interrupted!")])

    fetch_really = lake_query._fetch

    def fetch(*args: Any) -> object:
        for error in told:
            raise error
        return fetch_really(*args)

    monkeypatch.setattr(lake_query, "_fetch", fetch)
    with pytest.raises(QueryError, match="no such row"):
        run_query(duckdb.connect(), "select error('no such row')", QueryBounds())

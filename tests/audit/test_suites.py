"""Suites on disk: what is read, what is merged, what is refused."""

import json
from pathlib import Path

import pytest

from marsad.audit.run import audit
from marsad.audit.suites import load_suites
from marsad.errors import ConfigError

RULE = {
    "type": "unexpected_rows_expectation",
    "kwargs": {"unexpected_rows_query": ["select page_id", "from {batch}", "where n > {most}"]},
    "severity": "critical",
    "description": "Nothing has more than {most}.",
    "meta": {"marsad": {"rule": "most", "bounds": {"most": 3, "other": 1}}},
}
SUITE = {
    "name": "mine",
    "meta": {"marsad": {"over": "staged_pages", "description": "Mine."}},
    "expectations": [RULE],
}


def write(folder: Path, suite: object, name: str = "mine") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(suite), encoding="utf-8")
    return folder


def test_lines_are_joined_and_bounds_filled_in(tmp_path: Path) -> None:
    ((rule,),) = (suite.rules for suite in load_suites([write(tmp_path / "a", SUITE)]))
    assert rule.query == "select page_id\nfrom {batch}\nwhere n > 3"
    assert rule.description == "Nothing has more than 3."
    assert rule.scope == "batch" and rule.over == "staged_pages"


def test_a_later_folder_changes_only_what_it_names(tmp_path: Path) -> None:
    change = {
        "name": "mine",
        "expectations": [
            {"severity": "info", "meta": {"marsad": {"rule": "most", "bounds": {"most": 9}}}}
        ],
    }
    folders = [write(tmp_path / "a", SUITE), write(tmp_path / "b", change, "other_file")]
    ((rule,),) = (suite.rules for suite in load_suites(folders))
    assert rule.severity == "info"
    assert rule.bounds == {"most": 9, "other": 1}
    assert rule.description == "Nothing has more than 9."


def test_a_query_without_its_batch_gets_it_in_a_comment(tmp_path: Path) -> None:
    rule = {**RULE, "kwargs": {"unexpected_rows_query": "select 1 where false"}}
    suite = {**SUITE, "expectations": [rule]}
    ((read,),) = (suite.rules for suite in load_suites([write(tmp_path / "a", suite)]))
    assert read.query == "select 1 where false\n/* {batch} */"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param([], "is no expectation suite", id="a list"),
        pytest.param({"name": "x"}, "is no expectation suite", id="no expectations"),
        pytest.param({**SUITE, "name": "My suite"}, "suite 'My suite'", id="bad name"),
        pytest.param({**SUITE, "meta": {}}, "over is missing", id="over nothing"),
        pytest.param({**SUITE, "expectations": [1]}, "expectation 1 is no object", id="number"),
        pytest.param(
            {**SUITE, "expectations": [{**RULE, "meta": {}}]}, "needs a name", id="nameless rule"
        ),
        pytest.param(
            {**SUITE, "expectations": [{**RULE, "severity": "bad"}]}, "severity is 'bad'", id="bad"
        ),
        pytest.param(
            {**SUITE, "expectations": [{**RULE, "meta": {"marsad": {"rule": "most"}}}]},
            "{most} has no value",
            id="bound without value",
        ),
        pytest.param(
            {
                **SUITE,
                "expectations": [
                    {**RULE, "meta": {"marsad": {"rule": "most", "bounds": {"most": "9; drop"}}}}
                ],
            },
            "give a number",
            id="a bound is a number",
        ),
        pytest.param(
            {
                **SUITE,
                "expectations": [
                    {
                        **RULE,
                        "type": "expect_column_values_to_be_unique",
                        "meta": {"marsad": {"rule": "most", "scope": "row", "bounds": {"most": 1}}},
                    }
                ],
            },
            "a row rule is an unexpected_rows_expectation",
            id="row rule without a query",
        ),
    ],
)
def test_what_is_no_suite_is_refused_by_file_and_rule(
    tmp_path: Path, broken: object, message: str
) -> None:
    with pytest.raises(ConfigError, match=message.replace("{", r"\{")):
        load_suites([write(tmp_path / "a", broken)])


def test_broken_json_is_refused_by_file(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"name": ', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"half\.json is no expectation suite"):
        load_suites([tmp_path])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"type": "expect_the_best"}, "suite mine, rule most: ", id="type"),
        pytest.param(
            {"type": "expect_column_values_to_be_unique", "kwargs": {"colour": 1}},
            "suite mine, rule most: ",
            id="argument",
        ),
    ],
)
def test_what_great_expectations_does_not_know_is_refused_by_rule(
    night, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    folder = write(tmp_path / "a", {**SUITE, "expectations": [{**RULE, **change}]})
    with pytest.raises(ConfigError, match=message):
        audit(night.con, run_id="r1", suites=[folder], docs_dir=None)


def test_a_rule_that_cannot_be_evaluated_blocks(night, tmp_path: Path) -> None:
    folder = write(tmp_path / "a", SUITE)  # pages have no column n
    (line,) = audit(night.con, run_id="r1", suites=[folder], docs_dir=None).blocked
    assert line.startswith("staged_pages: most: cannot be judged: ")
    assert '"n"' in line and "\n" not in line


def test_a_relation_that_cannot_be_read_blocks(night, tmp_path: Path) -> None:
    suite = {**SUITE, "meta": {"marsad": {"over": "staged_nothing", "description": "Mine."}}}
    result = audit(night.con, run_id="r1", suites=[write(tmp_path / "a", suite)], docs_dir=None)
    (line,) = result.blocked
    assert line.startswith("staged_nothing: most: cannot be judged: ")
    assert not result.validations["success"].item()


def test_a_later_folder_may_be_empty(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert len(load_suites([write(tmp_path / "a", SUITE), tmp_path / "b"])) == 1


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(["1, 'a'", "1, 'b'", "2, 'a'"], (True, 3, 0), id="all differ"),
        pytest.param(["1, 'a'", "2, 'b'", "1, 'a'"], (False, 3, 2), id="two alike"),
        pytest.param(["1, 'a'", "2, null", "2, null"], (True, 3, 0), id="null is not null"),
        pytest.param(["1, 'a'", "1, 'a'", "2, null", "2, null"], (False, 4, 2), id="both"),
        pytest.param(["1, 'a'", "null, null", "null, null"], (True, 3, 0), id="without values"),
        pytest.param([], (True, 0, 0), id="no rows"),
    ],
)
def test_values_together_are_unique_or_counted(
    night, tmp_path: Path, rows: list[str], found: tuple[bool, int, int]
) -> None:
    values = f"values {', '.join(f'({row}, 0)' for row in rows)}" if rows else "select 1, '', 0"
    night.con.execute(
        f"create table pairs as from ({values}) as t (one, other, third) where {bool(rows)}"
    )
    rule = {
        **RULE,
        "type": "expect_compound_columns_to_be_unique",
        "kwargs": {"column_list": ["one", "other"]},
    }
    about = {"over": "pairs", "description": "Pairs."}
    suite = {"name": "mine", "meta": {"marsad": about}, "expectations": [rule]}
    result = audit(night.con, run_id="r1", suites=[write(tmp_path / "a", suite)], docs_dir=None)
    (line,) = result.validations.select("success", "n_checked", "n_unexpected").rows()
    assert line == found

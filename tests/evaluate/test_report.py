"""The report of an evaluation, and the command that makes it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from marsad.cli import app
from marsad.errors import ConfigError
from marsad.evaluate.goals import Goal, goal_of
from marsad.evaluate.render import render_markdown
from marsad.evaluate.run import EvalOptions, EvalReport, Row, evaluate
from marsad.evaluate.score import Score


def report(*rows: Row) -> EvalReport:
    return EvalReport(EvalOptions(200, 7), rows, {"golden": 1.5}, ("akec_train",), 2, "1-abc")


def test_the_page_says_what_made_it_and_which_goals_are_missed() -> None:
    good = Row(Score("golden pages", "title", 4, 4, 4), Goal(1.0))
    bad = Row(Score("golden pages", "source", 4, 4, 3), Goal(1.0))
    free = Row(Score("elsewhere", "title", 10_000, 10_000, 9_999), None)
    page = render_markdown(report(good, bad, free))
    assert "`marsad eval --pages 200 --seed 7`" in page
    assert "on 2 cores" in page
    assert "| golden pages | title | 4 | 4 | 4 | 1 | 1 | 1 | F1 1 | met |" in page
    assert (
        "| golden pages | source | 4 | 4 | 3 | 0.7500 | 0.7500 | 0.7500 | F1 1 | **missed** |"
        in (page)
    )
    assert (
        "| elsewhere | title | 10,000 | 10,000 | 9,999 | 0.9999 | 0.9999 | 0.9999 |  |  |" in page
    )
    assert "1 of 2 goals are missed: golden pages: source." in page
    assert "left out: akec_train." in page


@pytest.mark.parametrize(
    ("score", "is_met"),
    [
        pytest.param(Score("golden pages", "title", 100, 100, 100), True, id="exact"),
        pytest.param(Score("golden pages", "title", 1000, 1000, 999), False, id="not exact"),
        pytest.param(Score("synth", "title", 1000, 1000, 995), True, id="nearly"),
        pytest.param(Score("synth", "title", 1000, 1000, 994), False, id="not nearly"),
        pytest.param(Score("SaudiNewsNet", "false_source_line", 0, 0, 0), True, id="no label"),
        pytest.param(Score("SaudiNewsNet", "false_source_line", 0, 1, 0), False, id="a label"),
        pytest.param(
            Score("keywords", "AKEC, own text, confidence from 0.9", 1000, 100, 95),
            True,
            id="sure and right",
        ),
        pytest.param(
            Score("keywords", "AKEC, own text, confidence from 0.9", 1000, 100, 94),
            False,
            id="sure and wrong",
        ),
        pytest.param(
            Score("keywords", "AKEC, own text, confidence from 0.9", 1000, 0, 0),
            False,
            id="never sure",
        ),
    ],
)
def test_goals(score: Score, is_met: bool) -> None:
    goal = goal_of(score)
    assert goal is not None
    assert goal.is_met(score) == is_met


def test_only_what_is_asked_for_is_measured() -> None:
    seen = []
    found = evaluate(
        EvalOptions(1, 1, only=("language",)), lambda name, seconds: seen.append((name, seconds))
    )
    assert [name for name, _ in seen] == list(found.seconds) == ["language"]
    assert {row.score.corpus for row in found.rows} == {"labelled sentences"}


def test_a_corpus_that_is_not_there_is_left_out_and_said_so(tmp_path: Path) -> None:
    found = evaluate(EvalOptions(1, 1, shared=tmp_path, only=("saudinewsnet",)))
    assert found.rows == ()
    assert "left out: saudinewsnet." in render_markdown(found)


def test_an_unknown_corpus_is_refused() -> None:
    with pytest.raises(ConfigError, match="no corpus gold"):
        evaluate(EvalOptions(1, 1, only=("gold",)))


def test_the_command_prints_the_page_and_writes_it(tmp_path: Path) -> None:
    output = tmp_path / "quality.md"
    result = CliRunner().invoke(
        app, ["eval", "--only", "language", "--seed", "3", "--output", str(output)]
    )
    assert result.exit_code == 0
    assert output.read_text("utf-8") == result.stdout
    assert "`marsad eval --pages 20000 --seed 3 --only language`" in result.stdout

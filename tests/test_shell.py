"""The interactive prompt, typed to through prompt_toolkit's own input."""

from pathlib import Path

import pytest
from lake_nights import MIXED, publish_pages
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from whole_nights import settings_of

from marsad.night.served import serve
from marsad.settings import Settings
from marsad.shell import Names, Shell, history_path, new_session


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of a few pages, with its published file."""
    lake = tmp_path_factory.mktemp("shell") / "warehouse"
    publish_pages(lake, MIXED, "one")
    found = settings_of(lake)
    serve(found)
    return found


def typed(settings: Settings, text: str, state: Path) -> None:
    """Type into a shell, until it ends."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(text)
        shell = Shell(settings, published=False)
        shell.run(new_session(shell, state))


def test_a_query_of_many_lines_ends_in_a_semicolon_and_is_remembered(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(settings, "select count(*)\r+ 100 as n\rfrom news.articles;\r.quit\r", tmp_path)
    assert "104" in capsys.readouterr().out
    assert "+ 100 as n" in history_path(tmp_path).read_text("utf-8")


def test_errors_are_one_line_and_the_shell_goes_on(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = "drop table news.articles;\rfrom news.article;\rfrom story_flow;\r.nope\rselect 40+2;\r"
    typed(settings, f"{keys}\x04", tmp_path)
    out, err = capsys.readouterr()
    assert "42" in out
    told = err.splitlines()
    assert len(told) == 4
    assert "is refused" in told[0]
    assert "did you mean news.articles" in told[1]
    assert ".published asks it" in told[2]
    assert ".help" in told[3]


def test_commands_list_switch_and_write(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    keys = (
        f".tables articles\r.published\r.output {out}\rselect count(*) as n from articles;\r.quit\r"
    )
    typed(settings, keys, tmp_path)
    assert "parser_version" in capsys.readouterr().out
    assert out.read_text("utf-8") == "n\n4\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sel", "select"),
        ("from news.art", "news.articles"),
        ("select a.titl", "title"),
        ("from sear", "search_articles"),
        (".ta", ".tables"),
    ],
)
def test_names_are_completed(settings: Settings, text: str, expected: str) -> None:
    found = Names(Shell(settings, published=False)).get_completions(
        Document(text), CompleteEvent(completion_requested=True)
    )
    assert expected in [completion.text for completion in found]

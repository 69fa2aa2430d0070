"""What the Dockerfile and the unit name is there, and what the installation compiles."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
from needed import needed
from typer.testing import CliRunner

from marsad.cli import app
from marsad.lake import titles
from marsad.parse import built as parse_built
from marsad.parse.keywords import built as keywords_built
from marsad.settings import PROJECT_DIR


def _copied() -> list[str]:
    text = (PROJECT_DIR / "Dockerfile").read_text("utf-8")
    lines = re.findall(r"^COPY (.+)$", text, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def test_what_the_image_copies_is_there_and_no_more_is_sent_to_its_build() -> None:
    copied = _copied()
    assert {"requirements.lock", "marsad", "flows", "sql", "expectations", "data"} <= set(copied)
    assert [name for name in copied if not (PROJECT_DIR / name).exists()] == []
    ignore = (PROJECT_DIR / ".dockerignore").read_text("utf-8").splitlines()
    assert ignore.index("*") < min(ignore.index(f"!{name}") for name in copied)
    assert sorted(line[1:] for line in ignore if line.startswith("!")) == sorted(copied)


def test_the_unit_starts_a_command_with_options_that_it_has() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((PROJECT_DIR / "deploy" / "marsad.service").read_text("utf-8"))
    program, command, *rest = shlex.split(unit["Service"]["ExecStart"])
    assert Path(program).name == "marsad"
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert [word for word in rest if word.startswith("--") and word not in shown.output] == []


@pytest.mark.parametrize(
    ("pattern", "is_built"),
    [
        ("marsad/parse/_native*.so", parse_built.IS_BUILT),
        ("marsad/parse/keywords/_native*.so", keywords_built.IS_BUILT),
        ("marsad/parse/keywords/_reading*.so", keywords_built.IS_BUILT),
        ("marsad/lake/_titles*.so", titles.IS_BUILT),
    ],
)
def test_every_loop_was_compiled(pattern: str, *, is_built: bool) -> None:
    needed(str(PROJECT_DIR / pattern))
    assert is_built

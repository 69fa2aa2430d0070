"""Modules that wait until somebody asks for them."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from marsad.audit.deferred import deferred

NAME = "marsad_test_slow"


def bound() -> ModuleType:
    """What an import statement binds."""
    return importlib.import_module(NAME)


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that leaves a file beside it when it is read."""
    package = tmp_path / NAME
    package.mkdir()
    read = tmp_path / "read"
    (package / "__init__.py").write_text(
        f"from pathlib import Path\nPath({str(read)!r}).touch()\nANSWER = 42\n"
    )
    (package / "part.py").write_text("HALF = 21\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield read
    for name in (NAME, f"{NAME}.part"):
        sys.modules.pop(name, None)


def test_what_is_imported_within_is_read_when_it_is_used(slow: Path) -> None:
    with deferred(NAME):
        module = bound()
        assert importlib.util.find_spec(NAME) is not None
    assert not slow.exists()
    assert module.ANSWER == 42
    assert slow.exists()


def test_who_imports_it_afterwards_gets_the_module_itself(slow: Path) -> None:
    with deferred(NAME):
        stand = bound()
    module = bound()
    assert module is not stand
    assert stand.__dict__.get("ANSWER") is None
    assert vars(module)["ANSWER"] == stand.ANSWER == 42


def test_a_part_of_it_can_be_imported_within(slow: Path) -> None:
    with deferred(NAME):
        assert importlib.import_module(f"{NAME}.part").HALF == 21
        assert bound().ANSWER == 42
    assert slow.exists()


def test_what_is_imported_already_stays(slow: Path) -> None:
    module = bound()
    with deferred(NAME):
        assert bound() is module


def test_what_is_not_installed_is_not_there() -> None:
    with deferred("marsad_test_missing"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("marsad_test_missing")


def test_what_it_has_not_it_has_not(slow: Path) -> None:
    with deferred(NAME):
        module = bound()
    with pytest.raises(AttributeError, match="nothing"):
        module.nothing  # noqa: B018

"""Fixtures that every part of the test suite uses."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real corpora (`MARSAD_SHARED`, else `../shared`); without it, skip."""
    folder = Path(os.environ.get("MARSAD_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("the real corpora are not here; MARSAD_SHARED names their folder")
    return folder

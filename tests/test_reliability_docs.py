"""The page of promises names tests that exist."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "reliability.md"


def test_every_test_that_the_page_of_promises_names_exists() -> None:
    promises = PAGE.read_text("utf-8").split("## Figures")[0]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promises)
    assert len(named) > 15
    missing = [
        f"{file}::{test}"
        for file, test in named
        if f"def {test}(" not in (PROJECT / file).read_text("utf-8")
    ]
    assert missing == []

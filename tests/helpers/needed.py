"""Programs that tests need and Python packages do not bring: a browser, a database server."""

import os
import shutil
from pathlib import Path

import pytest


def needed(*candidates: str) -> str:
    """Return the path of the first program that is there.

    Args:
        candidates: names on the path, or globs of absolute paths, of which the last match counts.

    Without any the test is skipped; with `MARSAD_TEST_ALL=1`, as in `.ci/run`, it fails.
    """
    for candidate in candidates:
        if candidate.startswith("/"):
            found = sorted(map(str, Path("/").glob(candidate[1:])))
        else:
            found = [path] if (path := shutil.which(candidate)) else []
        if found:
            return found[-1]
    said = f"not on this machine: {' or '.join(candidates)}"
    if os.environ.get("MARSAD_TEST_ALL") == "1":
        pytest.fail(said)
    pytest.skip(said)

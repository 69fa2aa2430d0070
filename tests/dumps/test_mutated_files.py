"""Files damaged at random: each is read, rejected or refused, quickly and in bounded memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mutated_files
import pytest


@pytest.mark.parametrize(
    ("seed", "count"),
    [
        pytest.param(1, 200, id="sample"),
        pytest.param(2, 5000, id="all", marks=pytest.mark.heavy),
    ],
)
def test_damaged_files_lose_nothing_and_cost_little(
    seed: int, count: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    # In a process of its own, for its memory is measured; an exception there ends it.
    done = subprocess.run(
        [sys.executable, mutated_files.__file__, str(seed), str(count), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=count / 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, value in {"files": count, **found}.items():
        record_property(name, value)
    outcomes = ("read whole", "read with rejects", "failed")
    assert all(found[name] > count / 50 for name in outcomes)
    # Many files share a batch, so that no file of it took longer.
    assert found["slowest_batch_s"] < 10
    assert found["peak_mb"] < 1000

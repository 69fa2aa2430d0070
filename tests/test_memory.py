"""What a run may hold in memory is set once, and shared out."""

import subprocess
import sys

import pytest

from marsad.errors import ConfigError
from marsad.settings import load_settings, read_memory


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [("2GB", 2 * 10**9), ("2 gb", 2 * 10**9), ("1.5GiB", 3 * 2**29), ("4000000000", 4 * 10**9)],
)
def test_memory_is_read_with_its_unit(text: str, n_bytes: int) -> None:
    assert read_memory(text) == n_bytes
    assert load_settings(environ={"MARSAD_MEMORY": text}).memory_bytes == n_bytes


@pytest.mark.parametrize("text", ["", "two", "2TB", "-2GB", "1e9", "500MB", "2GB; drop", "nan"])
def test_memory_that_is_none_or_too_little_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="memory is"):
        read_memory(text)


def test_less_memory_means_fewer_workers_and_smaller_chunks() -> None:
    little = load_settings(workers=8, memory="3GB", environ={})
    much = load_settings(workers=8, memory="64GB", environ={})
    assert much.workers == 8
    assert little.workers < 8
    assert little.limits.chunk_bytes < much.limits.chunk_bytes
    assert little.engine_memory_bytes == 12 * 10**8


def test_help_imports_neither_frames_nor_engines() -> None:
    program = "import sys, marsad.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    heavy = {b"polars", b"duckdb", b"prefect", b"numpy", b"great_expectations", b"rich.console"}
    assert not heavy & set(loaded.stdout.split())

"""Fixtures that every part of the test suite uses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from sample import SampleLake

PROJECT = Path(__file__).resolve().parent.parent
MARSAD = Path(sys.executable).parent / "marsad"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real corpora (`MARSAD_SHARED`, else `../shared`); without it, skip."""
    folder = Path(os.environ.get("MARSAD_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("the real corpora are not here; MARSAD_SHARED names their folder")
    return folder


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> SampleLake:
    """A lake of data/sample that is only read, made once for all processes of the session."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if worker else root) / "sample-lake"
    said = folder / "said.json"
    with FileLock(f"{folder}.lock"):
        if not said.is_file():
            folder.mkdir(exist_ok=True)
            clean = {
                k: v for k, v in os.environ.items() if not k.startswith(("MARSAD_", "PREFECT_"))
            }
            done = subprocess.run(
                [MARSAD, "run", PROJECT / "data" / "sample", "--json"],
                cwd=folder,
                env={**clean, "PREFECT_HOME": str(folder / "prefect")},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            said.write_text(done.stdout, "utf-8")
    return SampleLake(folder, json.loads(said.read_text("utf-8")))

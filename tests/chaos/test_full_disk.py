"""A disk that fills up, at each stage: a line says so, readers go on, the next run succeeds."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from lake_nights import rows_of
from night_process import Scene, forking, run_night, run_to_its_end

from marsad.night.context import RunContext
from marsad.synth.generate import SynthOptions, generate

pytestmark = pytest.mark.heavy


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 48 MB."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(path)], check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def _fill(ballast: Path) -> None:
    """Take all the space that is left."""
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def _starve(boundary: str, scene: Scene, inputs: list[str], answers: Connection) -> None:
    """Run a night whose disk is full from a boundary on."""
    tempfile.tempdir = str(scene.temp)
    ballast = scene.lake.parent / "ballast"

    def at(reached: str, _: RunContext) -> None:
        if reached == boundary:
            _fill(ballast)

    summary = run_night(scene.lake, inputs, at=at)
    answers.send((summary.status, summary.is_good, summary.error, summary.warnings))


def test_a_disk_may_fill_up_at_every_stage(disk: Path, tmp_path: Path) -> None:
    made = generate(SynthOptions(24, 7, tmp_path / "synth", days=2, truth=False))
    first, both = [[str(day) for day in sorted(made.dumps.iterdir())][:n] for n in (1, 2)]
    (tmp_path / "temp").mkdir()
    whole, starved = (Scene(folder / "lake", tmp_path / "temp") for folder in (tmp_path, disk))
    assert run_to_its_end(whole, first) == ("published", "")
    shutil.copytree(whole.lake, starved.lake)
    before = rows_of(whole.lake)
    assert run_to_its_end(whole, both) == ("published", "")
    after = rows_of(whole.lake)
    told = {}
    for boundary in ("begun", "discovered", "parsed 0", "segmented", "audited", "written"):
        ours, theirs = forking().Pipe(duplex=False)
        night = forking().Process(target=_starve, args=(boundary, starved, both, theirs))
        night.start()
        theirs.close()
        status, is_good, error, _ = ours.recv()
        night.join()
        told[boundary] = error
        assert (status, is_good) == ("failed", False), boundary
        assert error and "\n" not in error
        assert "space" in error.lower() or "full" in error.lower(), told
        # While the disk is full, the last good state is there for all.
        assert os.statvfs(disk).f_bavail < 300, boundary
        assert rows_of(starved.lake) == before, boundary
        (disk / "ballast").unlink()
    assert run_to_its_end(starved, both) == ("published", "")
    assert rows_of(starved.lake) == after
    assert list((starved.lake / "staging").iterdir()) == []


def test_a_night_is_published_though_its_file_finds_no_space(disk: Path, tmp_path: Path) -> None:
    made = generate(SynthOptions(12, 7, tmp_path / "synth", truth=False))
    inputs = [str(made.dumps)]
    (tmp_path / "temp").mkdir()
    scene = Scene(disk / "lake", tmp_path / "temp")
    ours, theirs = forking().Pipe(duplex=False)
    night = forking().Process(target=_starve, args=("committed", scene, inputs, theirs))
    night.start()
    theirs.close()
    status, is_good, _, warnings = ours.recv()
    night.join()
    assert (status, is_good) == ("published", True)
    assert any(line.startswith("serve: the published file was not replaced") for line in warnings)
    rows = rows_of(scene.lake)
    (disk / "ballast").unlink()
    assert run_to_its_end(scene, inputs) == ("nothing_new", "")
    assert (scene.lake / "marsad.duckdb").is_file()
    assert rows_of(scene.lake) == rows

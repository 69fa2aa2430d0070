"""A disk that fills up, at each stage: a line says so, readers go on, the next run succeeds."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from lake_nights import rows_of
from night_process import Scene, forking, run_night, run_to_its_end

from marsad.night.context import RunContext
from marsad.synth.generate import SynthOptions, generate

pytestmark = pytest.mark.heavy

Rows = dict[str, list[tuple[object, ...]]]


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


def _starve(
    boundary: str, scene: Scene, inputs: list[str], answers: Connection, by_quota: bool = False
) -> None:
    """Run a night whose disk is full, or whose files may not grow, from a boundary on."""
    tempfile.tempdir = str(scene.temp)
    ballast = scene.lake.parent / "ballast"

    def at(reached: str, _: RunContext) -> None:
        if reached == boundary and by_quota:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        elif reached == boundary:
            _fill(ballast)

    summary = run_night(scene.lake, inputs, at=at)
    answers.send((summary.status, summary.is_good, summary.error, summary.warnings))


def _starved_at(
    boundary: str, scene: Scene, inputs: list[str], by_quota: bool = False
) -> tuple[str, bool, str | None, list[str]]:
    """Start such a night in a process of its own; return how it ended."""
    ours, theirs = forking().Pipe(duplex=False)
    night = forking().Process(target=_starve, args=(boundary, scene, inputs, theirs, by_quota))
    night.start()
    theirs.close()
    status, is_good, error, warnings = ours.recv()
    night.join()
    return status, is_good, error, warnings


#: From where on nothing more can be written, in the order of a night.
STAGES = ("begun", "discovered", "parsed 0", "segmented", "audited", "written")


@dataclass(frozen=True)
class Twice:
    """Two nights in a lake that has all the space it needs.

    Attributes:
        first: inputs of the first night, and `both` of the two.
        lake: as it was after the first.
        before: its rows then, and `after` those after the second.
    """

    first: list[str]
    both: list[str]
    lake: Path
    before: Rows
    after: Rows


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """What the starved lakes are compared with."""
    folder = tmp_path_factory.mktemp("twice")
    made = generate(SynthOptions(24, 7, folder / "synth", days=2, truth=False))
    first, both = [[str(day) for day in sorted(made.dumps.iterdir())][:n] for n in (1, 2)]
    (folder / "temp").mkdir()
    whole = Scene(folder / "lake", folder / "temp")
    assert run_to_its_end(whole, first) == ("published", "")
    shutil.copytree(whole.lake, folder / "first")
    before = rows_of(whole.lake)
    assert run_to_its_end(whole, both) == ("published", "")
    return Twice(first, both, folder / "first", before, rows_of(whole.lake))


def _scene(twice: Twice, folder: Path, temp: Path) -> Scene:
    shutil.copytree(twice.lake, folder / "lake")
    (temp / "temp").mkdir()
    return Scene(folder / "lake", temp / "temp")


def _assert_it_recovers(scene: Scene, twice: Twice) -> None:
    assert run_to_its_end(scene, twice.both) == ("published", "")
    assert rows_of(scene.lake) == twice.after
    assert list((scene.lake / "staging").iterdir()) == []


def test_a_disk_may_fill_up_at_every_stage(disk: Path, twice: Twice, tmp_path: Path) -> None:
    scene = _scene(twice, disk, tmp_path)
    for boundary in STAGES:
        status, is_good, error, _ = _starved_at(boundary, scene, twice.both)
        assert (status, is_good) == ("failed", False), boundary
        assert error and "\n" not in error
        assert "no space is left on the disk of" in error, boundary
        # While the disk is full, the last good state is there for all.
        assert os.statvfs(disk).f_bavail < 300, boundary
        assert rows_of(scene.lake) == twice.before, boundary
        (disk / "ballast").unlink()
    _assert_it_recovers(scene, twice)


def test_a_quota_may_be_used_up_at_every_stage(twice: Twice, tmp_path: Path) -> None:
    scene = _scene(twice, tmp_path, tmp_path)
    for boundary in STAGES:
        status, is_good, error, _ = _starved_at(boundary, scene, twice.both, by_quota=True)
        assert (status, is_good) == ("failed", False), boundary
        assert error and "\n" not in error
        assert "no space is left in what this user may write to" in error, boundary
        assert rows_of(scene.lake) == twice.before, boundary
    _assert_it_recovers(scene, twice)


def test_a_night_is_published_though_its_file_finds_no_space(disk: Path, tmp_path: Path) -> None:
    made = generate(SynthOptions(12, 7, tmp_path / "synth", truth=False))
    inputs = [str(made.dumps)]
    (tmp_path / "temp").mkdir()
    scene = Scene(disk / "lake", tmp_path / "temp")
    status, is_good, _, warnings = _starved_at("committed", scene, inputs)
    assert (status, is_good) == ("published", True)
    assert any(line.startswith("serve: the published file was not replaced") for line in warnings)
    rows = rows_of(scene.lake)
    (disk / "ballast").unlink()
    assert run_to_its_end(scene, inputs) == ("nothing_new", "")
    assert (scene.lake / "marsad.duckdb").is_file()
    assert rows_of(scene.lake) == rows

"""kill -9 at any moment: nobody sees half a night, and the next run finishes the work."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pytest
from lake_nights import MIXED, publish_pages, rows_of
from night_process import (
    BOUNDARIES,
    Picture,
    Reader,
    Scene,
    forking,
    kill_after,
    kill_at,
    picture_of,
    run_to_its_end,
)

import marsad.lake.publish
from marsad.lake.connect import open_lake
from marsad.lake.files import broken_files, unknown_files
from marsad.lake.maintain import Retention
from marsad.night.maintained import maintain
from marsad.serve.swap import published_path
from marsad.settings import load_settings
from marsad.synth.generate import SynthOptions, generate

pytestmark = pytest.mark.heavy

NIGHTS = 6
#: Dumps of a night, and pages of a dump.
DUMPS, PAGES = 3, 12
#: Up to 60 random moments: `LANES` lakes, each killed so often in each of its nights but the first,
#: or until the night is published.
LANES, KILLS = 4, 3
Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Undisturbed:
    """Nights that nobody disturbed.

    Attributes:
        dumps: for each night the inputs: its own dumps and all before.
        rows: what the lake held after each night; before the first, the start of the others.
        pictures: the same, as readers see it.
        first: the lake after its first night.
        served: the articles of the published file after each night.
        names: what its folder holds in the end.
        seconds: how long a night took.
    """

    dumps: list[list[str]]
    rows: list[Rows]
    pictures: list[Picture]
    served: list[object]
    first: Path
    names: set[str]
    seconds: float


def _names(lake: Path) -> set[str]:
    """What stands in a lake's folder, less what SQLite and locks leave there between two uses."""
    return {path.name for path in lake.iterdir()} - {"catalog.sqlite-wal", "catalog.sqlite-shm"}


def published_picture(scene: Scene) -> object:
    """The articles of the published file."""
    with duckdb.connect(published_path(scene.lake), read_only=True) as con:
        return con.execute("select count(*), bit_xor(hash(a)) from articles as a").fetchone()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The lake that every other is compared with."""
    folder = tmp_path_factory.mktemp("undisturbed")
    made = SynthOptions(
        pages=NIGHTS * DUMPS * PAGES,
        seed=11,
        out=folder / "synth",
        days=NIGHTS * DUMPS,
        truth=False,
    )
    days = sorted(str(day) for day in generate(made).dumps.iterdir())
    dumps = [days[: DUMPS * (night + 1)] for night in range(NIGHTS)]
    scene = Scene(folder / "lake", folder / "temp")
    scene.temp.mkdir()
    rows, pictures, served, seconds = [], [], [], []
    for inputs in dumps:
        began = time.monotonic()
        assert run_to_its_end(scene, inputs) == ("published", "")
        seconds.append(time.monotonic() - began)
        rows.append(rows_of(scene.lake))
        pictures.append(picture_of(scene.lake))
        served.append(published_picture(scene))
        if len(rows) == 1:
            shutil.copytree(scene.lake, folder / "first")
    assert len(set(pictures)) == NIGHTS
    assert all(len(found) > 0 for found in rows[-1].values())
    return Undisturbed(
        dumps,
        rows,
        pictures,
        served,
        folder / "first",
        _names(scene.lake),
        sorted(seconds)[NIGHTS // 2],
    )


@pytest.fixture
def scene(undisturbed: Undisturbed, tmp_path: Path) -> Scene:
    """A copy of the lake after its first night, and a folder for temporary files."""
    shutil.copytree(undisturbed.first, tmp_path / "lake")
    (tmp_path / "temp").mkdir()
    return Scene(tmp_path / "lake", tmp_path / "temp")


@contextmanager
def readers(scene: Scene, undisturbed: Undisturbed) -> Iterator[None]:
    """Somebody reads through all of it, without an error, and sees whole nights only."""
    reader = Reader(scene.lake)
    try:
        yield
    finally:
        n_reads, seen, error = reader.stop()
    assert error == ""
    assert n_reads > 3
    assert seen <= set(undisturbed.pictures)


def _assert_nothing_is_left(scene: Scene, undisturbed: Undisturbed) -> None:
    """A run that ended leaves no process, staging or temporary file, and no name of its own."""
    assert scene.left_processes() == []
    assert list((scene.lake / "staging").iterdir()) == []
    assert list(scene.temp.iterdir()) == []
    assert _names(scene.lake) <= undisturbed.names


def _assert_maintenance_clears_up(scene: Scene, rows: Rows) -> None:
    """What killed runs left among the data goes, and only that."""
    settings = load_settings(lake=scene.lake, environ={})
    maintain(settings, Retention(days=0, runs=1, grace=timedelta(0)))
    with open_lake(scene.lake) as con:
        assert broken_files(con, scene.lake) == []
        assert unknown_files(con, scene.lake) == []
    assert rows_of(scene.lake) == rows


@pytest.mark.parametrize("lane", range(LANES))
def test_a_run_may_be_killed_at_any_moment(
    scene: Scene, undisturbed: Undisturbed, lane: int
) -> None:
    randoms = random.Random(lane)
    # In one lane processes of their own parse, which must end with the one that is killed.
    workers = 2 if lane == 0 else 1
    n_killed, seconds = 0, undisturbed.seconds
    with readers(scene, undisturbed):
        for night in range(1, NIGHTS):
            before, after = undisturbed.rows[night - 1 : night + 1]
            inputs = undisturbed.dumps[night]
            for _ in range(KILLS):
                began = time.monotonic()
                is_killed = kill_after(randoms.uniform(0, seconds), scene, inputs, workers)
                took = time.monotonic() - began
                n_killed += is_killed
                assert scene.left_processes() == []
                rows = rows_of(scene.lake)
                assert rows in (before, after)
                if rows == after:
                    break
            if not is_killed:
                # The machine was busier when nobody disturbed: later moments would come too late.
                seconds = min(seconds, took)
            status, said = run_to_its_end(scene, inputs, workers)
            assert (status in ("published", "nothing_new"), said) == (True, "")
            assert rows_of(scene.lake) == after
            _assert_nothing_is_left(scene, undisturbed)
    assert n_killed > KILLS * (NIGHTS - 1) / 3
    _assert_maintenance_clears_up(scene, undisturbed.rows[-1])


def test_a_run_may_be_killed_at_every_boundary(scene: Scene, undisturbed: Undisturbed) -> None:
    is_committed = False
    with readers(scene, undisturbed):
        for boundary in BOUNDARIES:
            workers = 2 if boundary == "parsed 1" else 1
            # What comes after the commit, a second night has to come to again.
            night = 2 if boundary == "served" else 1
            assert kill_at(boundary, scene, undisturbed.dumps[night], workers), boundary
            assert scene.left_processes() == [], boundary
            is_committed = is_committed or boundary == "committed"
            assert rows_of(scene.lake) == undisturbed.rows[night if is_committed else 0], boundary
            if is_committed:
                expected = ("nothing_new", "")
                assert run_to_its_end(scene, undisturbed.dumps[night]) == expected, boundary
                _assert_nothing_is_left(scene, undisturbed)
                assert published_picture(scene) == undisturbed.served[night], boundary
        _assert_nothing_is_left(scene, undisturbed)
    _assert_maintenance_clears_up(scene, undisturbed.rows[2])


def _publish_night(lake: Path, said: Connection) -> None:
    insert_run = marsad.lake.publish.insert_run

    def tell(*args: object) -> None:
        insert_run(*args)  # type: ignore[arg-type]
        said.send("all is written")

    marsad.lake.publish.insert_run = tell
    publish_pages(lake, MIXED[2:], "second")


def test_a_run_may_be_killed_in_the_commit(tmp_path: Path) -> None:
    publish_pages(tmp_path / "start", MIXED[:2], "first")
    before = rows_of(tmp_path / "start")
    shutil.copytree(tmp_path / "start", tmp_path / "whole")
    publish_pages(tmp_path / "whole", MIXED[2:], "second")
    after = rows_of(tmp_path / "whole")
    seen = []
    # Before the commit, in it, and after it, however slow the machine.
    for number, seconds in enumerate((0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.5, 8)):
        lake = tmp_path / str(number)
        shutil.copytree(tmp_path / "start", lake)
        ours, theirs = forking().Pipe(duplex=False)
        night = forking().Process(target=_publish_night, args=(lake, theirs))
        night.start()
        theirs.close()
        assert ours.recv() == "all is written"
        night.join(seconds)
        night.kill()
        night.join()
        found = rows_of(lake)
        seen.append(found == after)
        assert found in (before, after)
        if found == before:
            shutil.rmtree(lake / "staging")
            publish_pages(lake, MIXED[2:], "second")
            assert rows_of(lake) == after
    assert 0 < sum(seen) < len(seen), seen


#: What a run of the command has made when it stands in the middle of a stage.
IN_THE_MIDDLE = {
    "parse": "staging/*/plan.parquet",
    "publish": "staging/*/validations.parquet",
    "serve": "marsad.partial.duckdb",
}


@pytest.mark.parametrize("stage", IN_THE_MIDDLE)
def test_the_command_may_be_killed_with_all_that_it_started(
    scene: Scene, undisturbed: Undisturbed, stage: str
) -> None:
    name, _, value = scene.mark.partition("=")
    program = "from marsad.cli import main; main()"
    command = [sys.executable, "-c", program, "run", *undisturbed.dumps[1]]
    command += ["--lake", str(scene.lake), "--workers", "2"]
    environ = {**os.environ, name: value, "TMPDIR": str(scene.temp)}
    environ.pop("PREFECT_API_URL", None)
    with readers(scene, undisturbed):
        with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as run:
            until = time.monotonic() + 120
            while not any(scene.lake.glob(IN_THE_MIDDLE[stage])):
                assert run.poll() is None and time.monotonic() < until
                time.sleep(0.01)
            run.kill()
        assert run.returncode == -signal.SIGKILL
        # The workers, and the temporary server of Prefect.
        assert scene.left_processes() == []
        expected = undisturbed.rows[1 if stage == "serve" else 0]
        assert rows_of(scene.lake) == expected
        assert run_to_its_end(scene, undisturbed.dumps[1])[1] == ""
        assert rows_of(scene.lake) == undisturbed.rows[1]
        assert list((scene.lake / "staging").iterdir()) == []
        assert published_picture(scene) == undisturbed.served[1]

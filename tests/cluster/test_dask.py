"""Chunks on a Dask cluster of two workers: the rows of one machine, also when a worker dies."""

import io
import os
import signal
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client
from lake_nights import rows_of
from whole_nights import run_night

from flows.runners import open_workers
from marsad.settings import Settings, load_settings
from marsad.synth.generate import SynthOptions, generate

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("servers")]


def settings_of(lake: Path, runner: str) -> Settings:
    """Settings whose chunks are so small that a dump of some megabytes has many."""
    settings = load_settings(lake=lake, workers=1, runner=runner, environ={})
    return replace(settings, limits=replace(settings.limits, chunk_bytes=50_000))


@pytest.fixture(scope="module")
def long_dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump that is one chunk, since it is compressed, and takes a worker twenty batches."""
    folder = tmp_path_factory.mktemp("synth")
    made = generate(SynthOptions(pages=200, seed=3, out=folder, format="jsonl", truth=False))
    path = next(path for path in sorted(made.dumps.rglob("*")) if path.is_file())
    lines = path.read_bytes().splitlines(keepends=True)
    packed = folder / "long.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=1) as archive:
        for number in range(20):
            data = b"".join(lines[number * 10 : number * 10 + 10])
            member = tarfile.TarInfo(f"{number:02}.jsonl")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed


def test_a_worker_that_is_killed_in_mid_chunk_leaves_no_trace(
    dask: Client, long_dump: Path, tmp_path: Path
) -> None:
    address = dask.scheduler.address
    killed: list[int] = []

    def kill_who_parses(lake: Path) -> None:
        """Kill the worker that has written some batches of a chunk, of which many are to come."""
        pids = dask.run(os.getpid)
        until = time.monotonic() + 60
        while not list(lake.glob("staging/*/pages/000000-000003.parquet")):
            if time.monotonic() > until:
                return
            time.sleep(0.01)
        (worker,) = [name for name, tasks in dask.processing().items() if tasks]
        os.kill(pids[worker], signal.SIGKILL)
        killed.append(len(list(lake.glob("staging/*/pages/000000-*.parquet"))))

    lake = tmp_path / "dask"
    killer = threading.Thread(target=kill_who_parses, args=(lake,))
    killer.start()
    done = run_night(
        settings_of(lake, f"dask={address}"),
        [long_dump],
        is_audited=False,
        workers=open_workers,
    )
    killer.join()
    assert killed and killed[0] < 15
    assert (done.status, done.n_records) == ("published", 200)
    here = run_night(settings_of(tmp_path / "here", "local"), [long_dump], is_audited=False)
    assert (done.n_sightings, done.n_related_links) == (here.n_sightings, here.n_related_links)
    assert rows_of(lake) == rows_of(tmp_path / "here")
    assert not list((lake / "staging").iterdir())

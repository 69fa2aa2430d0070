"""The same nights on one machine, and on PostgreSQL, S3 and a Dask cluster: row by row the same."""

import io
import os
import shutil
import signal
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from distributed import Client
from lake_nights import rows_of
from whole_nights import run_night

from flows.cluster import open_workers
from marsad.lake.connect import open_lake
from marsad.lake.files import broken_files, unknown_files
from marsad.night.summary import RunSummary
from marsad.objects import list_objects, write_object
from marsad.settings import PROJECT_DIR, Settings, load_settings
from marsad.synth.generate import SynthOptions, generate

pytestmark = [pytest.mark.server, pytest.mark.heavy, pytest.mark.xdist_group("servers")]


#: Of the long chunk; so many that its worker can be seen at work, and killed, before the last.
BATCHES = 60


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, and a dump that is one chunk, since it is compressed, of many batches."""
    folder = tmp_path_factory.mktemp("dumps")
    shutil.copytree(PROJECT_DIR / "data" / "sample", folder, dirs_exist_ok=True)
    made = generate(
        SynthOptions(
            pages=12 * BATCHES,
            seed=3,
            out=folder.with_name("synth"),
            format="jsonl",
            truth=False,
        )
    )
    path = next(path for path in sorted(made.dumps.rglob("*")) if path.is_file())
    lines = path.read_bytes().splitlines(keepends=True)
    with tarfile.open(folder / "2024-11-21" / "long.tar.gz", "w:gz", compresslevel=1) as archive:
        for number in range(BATCHES):
            data = b"".join(lines[number * 12 : number * 12 + 12])
            member = tarfile.TarInfo(f"{number:02}.jsonl")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return folder


@dataclass(frozen=True)
class Scene:
    """A lake after its nights.

    Attributes:
        summaries: of its runs.
        inputs: where its dumps are.
    """

    settings: Settings
    inputs: str
    summaries: tuple[RunSummary, ...]


def _nights(settings: Settings, inputs: str, second: Callable[[], object] = lambda: None) -> Scene:
    """Publish two nights, and one that finds nothing new; tell when the second begins."""
    # Chunks so small that a night of the sample has several.
    settings = replace(settings, limits=replace(settings.limits, chunk_bytes=80_000))

    def run(*days: str) -> RunSummary:
        names = [f"{inputs}/{day}" for day in days]
        return run_night(settings, names, is_audited=False, workers=open_workers)

    first = run("2024-11-18", "2024-11-19")
    second()
    return Scene(settings, inputs, (first, run("2024-11-*"), run("*/*")))


@pytest.fixture(scope="module")
def embedded(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Nights with a local lake, local workers and local dumps."""
    lake = tmp_path_factory.mktemp("embedded")
    return _nights(load_settings(lake=lake, workers=1, environ={}), str(dumps))


@pytest.fixture(scope="module")
def distributed(
    dumps: Path,
    postgres: str,
    keys: dict[str, str],
    dask: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> Scene:
    """Nights with everything elsewhere; of the second a worker is killed in mid-chunk."""
    name = f"lake_{time.monotonic_ns()}"
    with psycopg.connect(postgres, dbname="postgres", autocommit=True) as con:
        con.execute(f"create database {name}")
    environ = {
        **keys,
        "MARSAD_CATALOG": f"postgres:{postgres} dbname={name}",
        "MARSAD_DATA": f"s3://lake/{name}",
    }
    for path in dumps.rglob("*"):
        if path.is_file():
            write_object(f"s3://lake/in/{path.relative_to(dumps)}", path.read_bytes())
    settings = load_settings(
        lake=tmp_path_factory.mktemp("distributed"),
        workers=1,
        runner=f"dask={dask.scheduler.address}",
        environ=environ,
    )
    killed: list[bool] = []
    killer = threading.Thread(target=_kill_a_worker, args=(settings, dask, killed))
    scene = _nights(settings, "s3://lake/in", killer.start)
    killer.join()
    assert killed == [True]
    return scene


def _kill_a_worker(settings: Settings, dask: Client, killed: list[bool]) -> None:
    """Kill the worker that has staged three batches of a chunk, of which most are to come."""
    pids = dask.run(os.getpid)
    staging = settings.place.staging_root
    until = time.monotonic() + 120
    while time.monotonic() < until:
        written = [each.uri for each in list_objects(staging) if "/pages/" in each.uri]
        busy = [name for name, tasks in dask.processing().items() if tasks]
        if any(uri.endswith("-000002.parquet") for uri in written) and len(busy) == 1:
            os.kill(pids[busy[0]], signal.SIGKILL)
            last = f"-{BATCHES - 1:06}.parquet"
            killed.append(not any(uri.endswith(last) for uri in written))
            return
        time.sleep(0.02)


def _ops(scene: Scene, query: str) -> list[tuple[object, ...]]:
    with open_lake(scene.settings.place) as con:
        return con.execute(query).fetchall()


def test_all_news_is_the_same_row_by_row(embedded: Scene, distributed: Scene) -> None:
    expected = rows_of(embedded.settings.place)
    assert all(expected.values())
    assert rows_of(distributed.settings.place) == expected


def test_all_that_is_recorded_is_the_same(embedded: Scene, distributed: Scene) -> None:
    for here, there in zip(embedded.summaries, distributed.summaries, strict=True):
        assert (there.status, there.n_dumps, there.n_records, there.n_rejects) == (
            here.status,
            here.n_dumps,
            here.n_records,
            here.n_rejects,
        )
    assert [done.status for done in embedded.summaries] == ["published", "published", "nothing_new"]
    rejects = "select * exclude (run_id) from ops.rejects order by all"
    assert _ops(distributed, rejects) == _ops(embedded, rejects) != []
    of_dumps = "select * exclude (uri, run_id), parse_filename(uri) from ops.dumps order by all"
    assert _ops(distributed, of_dumps) == _ops(embedded, of_dumps)
    from_s3 = "select bool_and(starts_with(uri, 's3://lake/in/2024-11-')) from ops.dumps"
    assert _ops(distributed, from_s3) == [(True,)]


def test_nothing_is_left_of_runs_and_of_the_worker_that_died(distributed: Scene) -> None:
    place = distributed.settings.place
    assert list(list_objects(place.staging_root)) == []
    assert list((place.folder / "staging").iterdir()) == []
    with open_lake(place) as con:
        assert broken_files(con, place) == []
        assert unknown_files(con, place) == []


def test_another_machine_reads_the_same_lake(
    embedded: Scene, distributed: Scene, tmp_path: Path
) -> None:
    elsewhere = replace(distributed.settings.place, folder=tmp_path)
    assert rows_of(elsewhere)["articles"] == rows_of(embedded.settings.place)["articles"]
    assert list(tmp_path.iterdir()) == []

"""A Dask cluster that is not there, or ends, ends a run with one line that says so."""

import os
import threading
import time
from pathlib import Path

import psutil
import pytest
from dask_processes import dask_cluster, wait_for_nannies
from distributed import Client

from flows import cluster
from flows.cluster import ClusterError, open_workers
from marsad.night.doctor import examine
from marsad.night.workers import WorkerDiedError, run_in_worker
from marsad.settings import Settings, load_settings

pytestmark = [pytest.mark.server, pytest.mark.heavy, pytest.mark.xdist_group("servers")]


def settings_of(address: str, lake: Path) -> Settings:
    return load_settings(lake=lake, runner=f"dask={address}", environ={})


def dask_of(settings: Settings) -> list[str]:
    return [finding.found for finding in examine(settings) if finding.what == "dask"]


def kill_workers() -> None:
    for child in psutil.Process().children(recursive=True):
        if "worker" in child.cmdline():
            child.kill()


def test_nobody_answers(tmp_path: Path) -> None:
    with (
        pytest.raises(ClusterError, match="start one with `dask scheduler`"),
        open_workers(settings_of("tcp://127.0.0.1:1", tmp_path)),
    ):
        pass


def test_the_doctor_counts_the_workers_and_says_who_does_not_answer(tmp_path: Path) -> None:
    with dask_cluster({}) as (address, _), Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        assert dask_of(settings_of(address, tmp_path)) == [f"2 workers at {address}"]
    (found,) = dask_of(settings_of("tcp://127.0.0.1:1", tmp_path))
    assert found.startswith("the scheduler does not answer")


def test_a_chunk_that_ends_every_worker_ends_the_run(tmp_path: Path) -> None:
    with (
        dask_cluster({}) as (address, _),
        Client(address, set_as_default=False) as client,
        pytest.raises(WorkerDiedError, match="one after the other"),
        open_workers(settings_of(address, tmp_path)),
    ):
        # Who dies while it is still being started is not started again.
        wait_for_nannies(client, 2)
        run_in_worker(os._exit, 1)


def test_a_cluster_whose_workers_are_gone_for_good_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_LOST", 2.0)
    monkeypatch.setattr(cluster, "_ASKED_EVERY", 0.2)
    with (
        dask_cluster({}) as (address, _),
        Client(address, set_as_default=False) as client,
        pytest.raises(ClusterError, match="no workers for 2 s"),
        open_workers(settings_of(address, tmp_path)),
    ):
        wait_for_nannies(client, 2)
        threading.Timer(1, kill_workers).start()
        run_in_worker(time.sleep, 60)


def test_a_scheduler_that_dies_ends_the_run(tmp_path: Path) -> None:
    with (
        dask_cluster({}) as (address, scheduler),
        pytest.raises(ClusterError, match="is gone"),
        open_workers(settings_of(address, tmp_path)),
    ):
        assert run_in_worker(abs, -1) == 1
        threading.Timer(1, scheduler.kill).start()
        run_in_worker(time.sleep, 60)

"""A Dask cluster that is not there, or ends, ends a run with one line that says so."""

import os
import threading
import time
from pathlib import Path

import pytest
from dask_processes import dask_cluster

from flows.cluster import ClusterError, open_workers
from marsad.night.workers import WorkerDiedError, run_in_worker
from marsad.settings import Settings, load_settings

pytestmark = [pytest.mark.server, pytest.mark.heavy, pytest.mark.xdist_group("servers")]


def settings_of(address: str, lake: Path) -> Settings:
    return load_settings(lake=lake, runner=f"dask={address}", environ={})


def test_nobody_answers(tmp_path: Path) -> None:
    with (
        pytest.raises(ClusterError, match="start one with `dask scheduler`"),
        open_workers(settings_of("tcp://127.0.0.1:1", tmp_path)),
    ):
        pass


def test_a_chunk_that_ends_every_worker_ends_the_run(tmp_path: Path) -> None:
    with (
        dask_cluster({}) as (address, _),
        pytest.raises(WorkerDiedError, match="one after the other"),
        open_workers(settings_of(address, tmp_path)),
    ):
        run_in_worker(os._exit, 1)


def test_a_scheduler_that_dies_ends_the_run(tmp_path: Path) -> None:
    with (
        dask_cluster({}) as (address, scheduler),
        pytest.raises(ClusterError, match="is gone"),
        open_workers(settings_of(address, tmp_path)),
    ):
        assert run_in_worker(abs, -1) == 1
        threading.Timer(1, scheduler.kill).start()
        run_in_worker(time.sleep, 60)

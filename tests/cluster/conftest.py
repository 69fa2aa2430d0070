"""A real PostgreSQL and a real S3 server on loopback, for the session."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from dask_processes import dask_cluster, free_port
from distributed import Client
from needed import needed

from marsad.place import Place
from marsad.settings import load_settings

_PASSWORD = "a 'secret' \\ of letters"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The libpq string of a server of its own, run by a user who is not root."""
    initdb = needed("/usr/lib/postgresql/*/bin/initdb")
    user = []
    if os.geteuid() == 0:
        user = [needed("setpriv"), "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    folder = Path(tempfile.mkdtemp(prefix="marsad-postgres-"))
    secret = folder / "password"
    secret.write_text(_PASSWORD)
    if user:
        for path in (folder, secret):
            shutil.chown(path, "postgres")
    data, port = folder / "data", free_port()
    make = [initdb, "-N", "-D", str(data), "-U", "marsad", f"--pwfile={secret}"]
    make += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
    subprocess.run([*user, *make], check=True, capture_output=True, cwd="/")
    serve = [str(Path(initdb).with_name("postgres")), "-D", str(data), "-p", str(port)]
    serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*user, *serve, "-c", "fsync=off"], stderr=log, cwd="/")
        base = psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=port, user="marsad", password=_PASSWORD
        )
        try:
            _wait_for_postgres(base)
            yield base
        finally:
            server.terminate()
            server.wait(30)
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for_postgres(base: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(base, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server process with a bucket `lake`."""
    port = free_port()
    program = str(Path(sys.executable).with_name("moto_server"))
    server = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    try:
        while True:
            try:
                make = urllib.request.Request(f"{address}/lake", method="PUT")
                urllib.request.urlopen(make, timeout=10).close()
                break
            except urllib.error.URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def dask(s3: str) -> Iterator[Client]:
    """A client of a cluster of two workers, each in a process of its own."""
    with (
        dask_cluster(keys_of(s3)) as (address, _),
        Client(address, timeout=60, set_as_default=False) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        yield client


def keys_of(s3: str) -> dict[str, str]:
    """What the environment of a process holds that may use the S3 server."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
    }


@pytest.fixture(scope="module")
def keys(s3: str) -> Iterator[dict[str, str]]:
    """The keys of the S3 server, in the environment."""
    found = keys_of(s3)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in found.items():
            patch.setenv(key, value)
        yield found
    # obstore keeps what it read of the environment.
    from marsad.objects import _store

    _store.cache_clear()


@pytest.fixture
def place(
    postgres: str, keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Place:
    """A place on both servers that holds no lake yet."""
    name = f"lake_{time.monotonic_ns()}"
    with psycopg.connect(postgres, dbname="postgres", autocommit=True) as con:
        con.execute(f"create database {name}")
    monkeypatch.setenv("MARSAD_CATALOG", f"postgres:{postgres} dbname={name}")
    monkeypatch.setenv("MARSAD_DATA", f"s3://lake/{name}")
    return load_settings(lake=tmp_path / "here").place

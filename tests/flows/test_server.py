"""The nightly flow as a deployment, on a real Prefect server in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest

from marsad.errors import MarsadError
from marsad.lake.connect import open_lake
from marsad.settings import PROJECT_DIR

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("prefect")]

BIN = Path(sys.executable).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _api(url: str, body: dict[str, object] | None = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            # The server's own database was busy: it did nothing, and asks to be asked again.
            if error.code != 503:
                raise
            time.sleep(1)
    raise AssertionError(f"{url} stays busy")


@contextmanager
def _process(command: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    """Run a server until the block ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def _wait_for(what: str, seconds: float, ready: object, log: Path) -> object:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = ready()  # type: ignore[operator]
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what} after {seconds} s:\n{log.read_text('utf-8')[-3000:]}")


def test_a_deployment_is_triggered_and_completes_with_its_artifact(tmp_path: Path) -> None:
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api"
    lake = tmp_path / "lake"
    env = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    }
    server = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    sample = str(PROJECT_DIR / "data" / "sample")
    served = [str(BIN / "marsad"), "schedule", sample, "--lake", str(lake), "--workers", "1"]
    logs = tmp_path / "server.log", tmp_path / "served.log"
    with _process(server, env, logs[0]):
        _wait_for("no server", 90, lambda: _api(f"{api}/health"), logs[0])
        with _process([*served, "--cron", "0 3 1 1 *"], env, logs[1]):
            name = f"{api}/deployments/name/nightly/nightly"
            deployment = _wait_for("no deployment", 90, lambda: _api(name), logs[1])
            assert isinstance(deployment, dict)
            assert deployment["schedules"][0]["schedule"]["cron"] == "0 3 1 1 *"
            run = _api(f"{api}/deployments/{deployment['id']}/create_flow_run", {})
            assert isinstance(run, dict)

            def ended() -> object:
                state = _api(f"{api}/flow_runs/{run['id']}")
                assert isinstance(state, dict)
                final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
                return state["state_type"] if state["state_type"] in final else None

            assert _wait_for("no end", 180, ended, logs[1]) == "COMPLETED", logs[1].read_text()
        artifacts = _api(f"{api}/artifacts/filter", {})
        assert isinstance(artifacts, list)
        (summary,) = [found for found in artifacts if found["key"] == "marsad-summary"]
        assert "Published" in summary["data"]
        for command in (
            ["work-pool", "create", "marsad", "--type", "process"],
            ["--no-prompt", "deploy", "--all"],
        ):
            done = subprocess.run(
                [str(BIN / "prefect"), *command],
                cwd=PROJECT_DIR,
                env={**env, "MARSAD_HOME": str(PROJECT_DIR)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        deployed = _api(name)
        assert isinstance(deployed, dict)
        assert deployed["work_pool_name"] == "marsad"
        assert deployed["entrypoint"] == "flows/nightly.py:nightly"
    with open_lake(lake) as con:
        assert con.execute("select status from ops.runs").fetchall() == [("published",)]
        found = con.execute("select count(*) > 10 from news.articles").fetchone()
        assert found == (True,)


@pytest.mark.heavy
def test_a_schedule_runs_its_nights_with_no_server_but_its_own(tmp_path: Path) -> None:
    lake, log = tmp_path / "lake", tmp_path / "served.log"
    env = {
        **{name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    }
    sample = str(PROJECT_DIR / "data" / "sample")
    served = [str(BIN / "marsad"), "schedule", sample, "--lake", str(lake), "--workers", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*served, "--cron", "* * * * *"],
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    try:

        def published() -> object:
            with suppress(MarsadError, duckdb.Error), open_lake(lake) as con:
                return con.execute("from ops.runs where status = 'published'").fetchone()
            return None  # there is no lake yet, or no table in it

        assert _wait_for("no night", 240, published, log)
        # As a terminal does it.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0, log.read_text("utf-8")
    finally:
        process.kill()
        process.wait(20)

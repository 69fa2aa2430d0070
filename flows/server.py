"""The Prefect server that nobody else has started: of one run, or of a schedule."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Final

from prefect.client.base import ServerType, determine_server_type
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

from marsad.errors import MarsadError

#: Where Prefect's own commands and pages look for a server.
_USUAL_PORT: Final = 4200
_HOST: Final = "127.0.0.1"
#: Seconds that a server may take to start, on a busy machine and with an old database to migrate.
_PATIENCE: Final = 180.0
_LEAVING: Final = 20.0


class PrefectServerError(MarsadError):
    """The Prefect server of a schedule did not start."""


@contextmanager
def server_of_run() -> Iterator[None]:
    """Start the temporary server of a run that names none; the flow in the block finds it running.

    Ctrl-C in a terminal goes to all processes that a command started. A server that stops before
    its run cannot be told that the run does, and Prefect asks it for two minutes.
    """
    if determine_server_type() is not ServerType.EPHEMERAL:
        yield
        return
    # In a thread of its own, which can be interrupted no less than what waits for it, because a
    # process begins with the signals blocked that were so for the thread that started it.
    starting = Thread(target=_start, name="start server", daemon=True)
    starting.start()
    starting.join()
    # Signs of life tell a server of runs that died; this one dies with its run, which would wait up
    # to a second at its end for the thread that sends them.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _start() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # A second of imports, for which a run that names a server has no use.
        from prefect.server.api.server import SubprocessASGIServer

        SubprocessASGIServer().start()
    except Exception:  # noqa: BLE001 - the flow tries again, and says what it finds
        return


@contextmanager
def scheduling_server() -> Iterator[None]:
    """Let there be a server that starts scheduled runs until the block ends.

    It is the one that the settings name, else one of its own: a temporary server, which Prefect
    would start, starts no run by itself.

    Raises:
        PrefectServerError: it did not start.
    """
    if determine_server_type() is not ServerType.EPHEMERAL:
        yield
        return
    port = _free_port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", _HOST]
    command += ["--port", str(port), "--log-level", "ERROR", "--analytics-off"]
    # In a session of its own: Ctrl-C is for the runner, which then takes its leave of the server.
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for(server, f"http://{_HOST}:{port}/api/health")
        sys.stderr.write(f"Prefect's pages: http://{_HOST}:{port}\n")
        with temporary_settings({PREFECT_API_URL: f"http://{_HOST}:{port}/api"}):
            yield
    finally:
        server.terminate()
        try:
            server.wait(_LEAVING)
        except subprocess.TimeoutExpired:
            server.kill()


def _free_port() -> int:
    """Return the usual port, or any if somebody has that."""
    for port in (_USUAL_PORT, 0):
        with closing(socket.socket()) as found:
            # A port that a server has just left is free.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind((_HOST, port))
            except OSError:
                continue
            return int(found.getsockname()[1])
    raise PrefectServerError("no port is free for a Prefect server")


def _wait_for(server: "subprocess.Popen[bytes]", health: str) -> None:
    until = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(health, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise PrefectServerError(
        "the Prefect server of this schedule did not start: `prefect server start` says more;"
        " or name another by PREFECT_API_URL"
    )

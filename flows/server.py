"""Prefect's temporary server, out of the way of Ctrl-C."""

import signal
from threading import Thread

from prefect.client.base import ServerType, determine_server_type
from prefect.server.api.server import SubprocessASGIServer


def start_server() -> None:
    """Start the temporary server of a run that names none; the flow then finds it running.

    Ctrl-C in a terminal goes to all processes that a command started. A server that stops before
    its run cannot be told that the run does, and Prefect asks it for two minutes.
    """
    if determine_server_type() is not ServerType.EPHEMERAL:
        return
    # In a thread of its own, which can be interrupted no less than what waits for it, because a
    # process begins with the signals blocked that were so for the thread that started it.
    starting = Thread(target=_start, name="start server", daemon=True)
    starting.start()
    starting.join()


def _start() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        SubprocessASGIServer().start()
    except Exception:  # noqa: BLE001 - the flow tries again, and says what it finds
        return

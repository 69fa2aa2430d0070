"""A Dask cluster of two workers, each in a process of its own, as an operator starts them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dask_cluster(environ: Mapping[str, str]) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a scheduler and its workers until the block ends.

    Args:
        environ: variables that workers get besides those of this process.

    Yields:
        The scheduler's address and process.
    """
    host, port = "127.0.0.1", str(free_port())
    address = f"tcp://{host}:{port}"
    # They end by themselves some seconds after the scheduler, should this process be killed.
    options = ["--nthreads", "1", "--no-dashboard", "--death-timeout", "10", "--memory-limit", "0"]
    with ExitStack() as servers:
        scheduler = servers.enter_context(
            _running(["scheduler", "--host", host, "--port", port, "--no-dashboard"], {})
        )
        for name in ("one", "two"):
            servers.enter_context(_running(["worker", address, "--name", name, *options], environ))
        yield address, scheduler


def wait_for_nannies(client: "Client", n: int) -> None:
    """Wait until workers are there, and who starts them again is ready to do so."""
    client.wait_for_workers(n, timeout=60)
    until = time.monotonic() + 60
    # By value, for the workers have no such module.
    status = lambda dask_worker: dask_worker.status.name  # noqa: E731
    while set(client.run(status, nanny=True).values()) != {"running"}:
        assert time.monotonic() < until
        time.sleep(0.1)


@contextmanager
def _running(
    arguments: list[str], environ: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("dask")), *arguments],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)

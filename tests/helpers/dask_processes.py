"""A Dask cluster of two workers, each in a process of its own, as an operator starts them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


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

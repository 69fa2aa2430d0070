"""What a command costs whatever it does: help, and a run that finds nothing new."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from page import machine

BIN = Path(sys.executable).parent
SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
ROUNDS = 3
PATIENCE = 180.0


def section() -> list[str]:
    """Measure; returns the lines of the page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        own = {"PREFECT_HOME": str(folder / "prefect")}
        run = ("run", str(SAMPLE), "--lake", str(folder / "lake"))
        _seconds(run, own)  # fills the lake, and makes Prefect's own files
        figures = {
            "`marsad --help`": _best(("--help",), own),
            '`marsad sql "select 1"`': _best(
                ("sql", "select 1", "--lake", str(folder / "lake")), own
            ),
            "`marsad run`, nothing new, its own temporary server": _best(run, own),
        }
        with _server(own) as url:
            figures["`marsad run`, nothing new, a Prefect server that runs"] = _best(
                run, {**own, "PREFECT_API_URL": url}
            )
    lines = [f"The best of {ROUNDS}; {machine()}.", "", "| what | s |", "| --- | ---: |"]
    return [*lines, *(f"| {what} | {seconds:.2f} |" for what, seconds in figures.items())]


def _best(arguments: Sequence[str], environ: Mapping[str, str]) -> float:
    best = min(_seconds(arguments, environ) for _ in range(ROUNDS))
    print(f"fixed: marsad {arguments[0]}: {best:.2f} s", file=sys.stderr)
    return best


def _seconds(arguments: Sequence[str], environ: Mapping[str, str]) -> float:
    """Run a command of Marsad to its end.

    Raises:
        SystemExit: it failed.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    began = time.perf_counter()
    done = subprocess.run(
        [BIN / "marsad", *arguments],
        env={**inherited, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"marsad {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return seconds


@contextmanager
def _server(environ: Mapping[str, str]) -> Iterator[str]:
    """Run a Prefect server of our own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    server = subprocess.Popen(
        [BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **environ, **quiet},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/api"
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                urlopen(f"{url}/health", timeout=5).close()
                break
            except (URLError, OSError):
                if time.monotonic() > until or server.poll() is not None:
                    raise SystemExit("Prefect's server does not start") from None
                time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait()

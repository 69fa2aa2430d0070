"""Two Dask workers beside two local ones on the same bytes, and what more of them would come to.

Three nights: local workers; a Dask cluster of the run's own; and scheduler and workers as processes
of their own, with dumps, staging and data on an S3 server (moto's, which is Python and takes its
share of the same cores). They are repeated in turn, and of each the quickest counts. Cores' seconds
are of the night's own processes, which in the third are not the workers.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from measured import Measured, measured
from page import machine
from pipeline import make_input

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
WORKERS = 2
PATIENCE = 60.0
LOCAL, OWN, APART = (
    "two local workers",
    "`--runner dask`, two workers",
    "`--runner dask=tcp://…`, two workers; dumps, staging and data on S3",
)
#: What workers do, and what one process does after them.
SHARED, ALONE = ("parse", "segment"), ("audit", "publish")
SIZES = ((1, "1 GB"), (100, "100 GB"), (10_000, "10 TB, a billion pages"))
CLUSTERS = (2, 8, 32, 128)


def section(pages: int, rounds: int = 2) -> list[str]:
    """Measure; returns the lines of the page."""
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as servers:
        folder = Path(temporary)
        source, megabytes = make_input(folder, pages, "jsonl")
        keys = servers.enter_context(s3_server())
        scheduler = servers.enter_context(dask_cluster(keys))
        upload(source, keys)
        for number in range(rounds):
            apart = {**keys, "MARSAD_DATA": f"s3://bench/lake-{number}"}
            for name, runner, data, given in (
                (LOCAL, "local", {}, str(source)),
                (OWN, "dask", {}, str(source)),
                (APART, f"dask={scheduler}", apart, "s3://bench/in/"),
            ):
                lake = folder / f"{len(list(folder.iterdir()))}"
                command = [sys.executable, str(HERE / "night.py"), "--runner", runner]
                done = measured(
                    [*command, str(lake), given], {"MARSAD_WORKERS": str(WORKERS), **data}
                )
                print(f"cluster: {name}: {done.seconds:.1f} s", file=sys.stderr)
                if name not in found or done.seconds < found[name].seconds:
                    found[name] = done
    _require_same(found)
    return [
        f"{pages:,} pages of the plain template, {megabytes:,.0f} MB; the quickest of {rounds};"
        f" {machine()}.",
        "",
        *_table(found, megabytes),
        "",
        *_reckoned(found[LOCAL], megabytes),
    ]


def _require_same(found: Mapping[str, Measured]) -> None:
    """Check that all nights published the same.

    Raises:
        SystemExit: they did not.
    """
    counts = [
        {key: value for key, value in each.said.items() if key not in ("seconds", "staged")}
        for each in found.values()
    ]
    if any(each != counts[0] for each in counts):
        raise SystemExit(f"the nights differ: {counts}")


def _table(found: Mapping[str, Measured], megabytes: float) -> list[str]:
    stages = ("discover", *SHARED, "close", *ALONE)
    base = found[LOCAL]
    lines = [
        f"| night | s | times the local one | MB/s | cores' s | {' | '.join(stages)} |",
        "| --- |" + " ---: |" * (4 + len(stages)),
    ]
    for name, done in found.items():
        spent = " | ".join(f"{done.said['seconds'].get(stage, 0):.1f}" for stage in stages)
        lines.append(
            f"| {name} | {done.seconds:.1f} | {done.seconds / base.seconds:.2f}"
            f" | {megabytes / done.seconds:.1f} | {done.cpu:.1f} | {spent} |"
        )
    return lines


def _reckoned(local: Measured, megabytes: float) -> list[str]:
    """Say what follows for more workers, if each is as quick and nothing else is in the way."""
    seconds = local.said["seconds"]
    worker = megabytes / WORKERS / sum(seconds[stage] for stage in SHARED)
    alone = megabytes / sum(seconds[stage] for stage in ALONE)
    lines = [
        f"A local worker parses and cuts {worker:.1f} MB/s of records; the publisher audits and"
        f" publishes {alone:.1f} MB/s, alone. For each byte of records"
        f" {local.said['staged'] / megabytes / 1e6:.2f} bytes are staged. Reckoned from that, not"
        " measured:",
        "",
        f"| records | {' | '.join(f'{n} workers' for n in CLUSTERS)} | of it the publisher |",
        "| --- |" + " ---: |" * (len(CLUSTERS) + 1),
    ]
    for gigabytes, name in SIZES:
        published = gigabytes * 1000 / alone
        nights = [_time(gigabytes * 1000 / (worker * n) + published) for n in CLUSTERS]
        lines.append(f"| {name} | {' | '.join(nights)} | {_time(published)} |")
    return lines


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], environ: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Run an S3 server with a bucket `bench`; yields the environment of who uses it."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with _running([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], {}):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                urlopen(Request(f"{address}/bench", method="PUT"), timeout=10).close()
                break
            except URLError:
                if time.monotonic() > until:
                    raise SystemExit("the S3 server does not start") from None
                time.sleep(0.2)
        yield {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": address,
        }


@contextmanager
def dask_cluster(keys: Mapping[str, str]) -> Iterator[str]:
    """Run a scheduler and two workers; yields the scheduler's address."""
    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    dask = str(BIN / "dask")
    # As much of the machine as a worker of the local runner has.
    share = {**keys, "POLARS_MAX_THREADS": "1"}
    options = ["--nthreads", "1", "--memory-limit", "0", "--no-dashboard"]
    with ExitStack() as processes:
        scheduler = [dask, "scheduler", "--host", "127.0.0.1", "--port", str(port)]
        processes.enter_context(_running([*scheduler, "--no-dashboard"], {}))
        for _ in range(WORKERS):
            processes.enter_context(_running([dask, "worker", address, *options], share))
        yield address


def upload(source: Path, keys: Mapping[str, str]) -> None:
    """Put the dump on the server."""
    program = (
        "import sys; from pathlib import Path; from marsad.objects import write_object;"
        " write_object(f's3://bench/in/{Path(sys.argv[1]).name}', Path(sys.argv[1]).read_bytes())"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(source)], env={**os.environ, **keys}, check=True
    )

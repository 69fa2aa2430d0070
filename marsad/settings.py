"""Settings: the only reader of the environment. Frozen; building one touches nothing."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from marsad.errors import ConfigError
from marsad.place import Place, PostgresCatalog, S3Access, read_catalog, read_data

#: What a run needs at least, whatever it reads.
MIN_MEMORY = 10**9

#: What a worker holds before it reads anything, and for each byte of its chunk; measured
#: (`benchmarks/memory.py`), with some room.
_WORKER_BYTES = 350_000_000
_WORKER_BYTES_PER_BYTE = 16

#: The folder that holds sql/, expectations/ and data/.
PROJECT_DIR = Path(__file__).resolve().parent.parent


#: What `--runner` may be: processes of this machine, or a Dask cluster of its own or elsewhere.
LOCAL, DASK = "local", "dask"
_RUNNER = re.compile(r"local|dask(=(tcp|tls)://([^\s:/\[\]]+|\[[^\s\]]+\]):\d{1,5})?")

#: An address that may be written to: a scheme, a host, and no white space or controls.
_HTTP = re.compile(r"https?://[^\s/?#\x00-\x1f]+[^\s\x00-\x1f]*")


def _cores() -> int:
    """Cores this process may use, which a container may have cut."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Memory this process may use, in bytes, which a container may have cut."""
    if not hasattr(os, "sysconf"):
        return 8 * 2**30  # Windows does not tell without an extension
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            found.append(int((Path("/sys/fs/cgroup") / name).read_text("ascii")))
        except (OSError, ValueError):
            continue
    return min(found)


#: Units of `--memory`; a bare number is bytes.
_UNITS = {"": 1, "MB": 10**6, "GB": 10**9, "MIB": 2**20, "GIB": 2**30}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)", re.IGNORECASE)


def read_memory(text: str) -> int:
    """Read an amount of memory, such as `2GB` or `1500 MiB`; returns bytes.

    Raises:
        ConfigError: it is none, or too little for a run.
    """
    match = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None:
        raise ConfigError(f"memory is {text!r}: give a number and MB or GB, as in 2GB")
    n_bytes = int(float(match[1]) * unit)
    if n_bytes < MIN_MEMORY:
        raise ConfigError(f"memory is {text!r}: give {MIN_MEMORY // 10**9}GB or more")
    return n_bytes


@dataclass(frozen=True, slots=True)
class QueryBounds:
    """Bounds on what one query of a person may cost.

    Attributes:
        seconds: how long it may take.
        memory_bytes: what the engine may hold, and as much again for the result; default: half
            of the machine's memory.
        spill_bytes: what it may write to a temporary folder, which is gone afterwards.
    """

    seconds: float = 600
    memory_bytes: int = field(default_factory=lambda: _memory() // 2)
    spill_bytes: int = 16 * 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what input may cost; generous for real dumps, fatal for hostile ones.

    Attributes:
        record_bytes: the longest record that is parsed; a longer one is a reject.
        raw_bytes: how much of a rejected record is kept.
        chunk_bytes: about how many decompressed bytes one chunk holds at most.
        chunk_files: how many small files one chunk holds at most.
        members: how many members an archive may have.
        depth: how many archives may stand inside each other, the outermost counted.
        expansion: how many times its own size a dump may hold, decompressed.
        expansion_free: what any dump may hold, decompressed, whatever its own size.
        total_bytes: what any dump may hold, decompressed, at most.
    """

    record_bytes: int = 16 * 2**20
    raw_bytes: int = 64 * 2**10
    chunk_bytes: int = 32 * 2**20
    chunk_files: int = 4096
    members: int = 1_000_000
    depth: int = 2
    expansion: int = 200
    expansion_free: int = 256 * 2**20
    total_bytes: int = 2**40

    @property
    def unit_bytes(self) -> int:
        """About how many bytes of a large dump are read by themselves; a chunk has some of them."""
        # A little less than a quarter: a unit goes on to the end of its last record, and four
        # should not be too much for a chunk.
        return max(1, self.chunk_bytes * 15 // 64)


#: Variable, attribute of `Limits`, and the unit that the variable counts in.
_LIMITS: Final = (
    ("MARSAD_MAX_DEPTH", "depth", 1),
    ("MARSAD_MAX_DUMP_MB", "total_bytes", 10**6),
    ("MARSAD_MAX_EXPANSION", "expansion", 1),
    ("MARSAD_MAX_MEMBERS", "members", 1),
    ("MARSAD_MAX_RECORD_MB", "record_bytes", 10**6),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run needs to know of its surroundings.

    Attributes:
        lake: folder of the warehouse: all of it, or what is local of it.
        workers: processes that parse.
        runner: who runs them: `local`, `dask` (a cluster of its own, on this machine), or
            `dask=tcp://host:port`, where a scheduler answers.
        catalog: the catalog, where it is on PostgreSQL.
        data: where data and staging are, if not in `lake`.
        s3: how to reach data that is on S3.
        reference: folder of the reference data that ships with Marsad.
        user_reference: folder of the user's own files, merged over `reference`.
        expectations: folder of the suites that ship with Marsad.
        user_expectations: folder of the user's own suites, merged over `expectations`.
        sql: folder of the statements that make and fill the lake.
        limits: bounds on input.
        query: bounds on what people ask.
        prefect_api_url: Prefect's server; null: each run starts a temporary one.
        webhook_url: who is told how runs end; null: nobody. It is a secret, so it is not shown.
        log_format: `text`, or `json`: one JSON object a line on standard error.
        publish_bodies: whether the published file holds whole texts.
        memory_bytes: what a run may hold in memory, all its processes together.
    """

    lake: Path
    workers: int
    runner: str = LOCAL
    catalog: PostgresCatalog | None = None
    data: str | None = None
    s3: S3Access | None = None
    reference: Path = PROJECT_DIR / "data" / "reference"
    user_reference: Path | None = None
    expectations: Path = PROJECT_DIR / "expectations"
    user_expectations: Path | None = None
    sql: Path = PROJECT_DIR / "sql"
    limits: Limits = field(default_factory=Limits)
    query: QueryBounds = field(default_factory=QueryBounds)
    prefect_api_url: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    log_format: str = "text"
    publish_bodies: bool = False
    memory_bytes: int = field(default_factory=lambda: max(MIN_MEMORY, _memory() // 2))

    @property
    def engine_memory_bytes(self) -> int:
        """What DuckDB may hold while it audits and publishes; the rest is for what it is in."""
        return self.memory_bytes * 2 // 5

    @property
    def has_ample_memory(self) -> bool:
        """Whether chunks need not be smaller than they would be in any amount of memory."""
        return self.limits.chunk_bytes >= Limits().chunk_bytes

    @property
    def serve_memory_bytes(self) -> int:
        """What DuckDB may hold while it builds the published file."""
        return min(1_300_000_000, self.memory_bytes // 2)

    @property
    def scheduler(self) -> str | None:
        """Where the scheduler of the Dask cluster answers, if that is elsewhere."""
        return self.runner.partition("=")[2] or None

    @property
    def place(self) -> Place:
        """Where the lake is."""
        return Place(self.lake, self.catalog, self.data, self.s3)

    def without_secrets(self) -> "Settings":
        """Return what workers need: they find their keys in their own environment."""
        return replace(self, catalog=None, s3=None, webhook_url=None)


def load_settings(
    *,
    lake: Path | None = None,
    workers: int | None = None,
    memory: str | None = None,
    runner: str = LOCAL,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Build settings from arguments, then the environment, then defaults.

    Args:
        lake: overrides `MARSAD_LAKE`; default `./warehouse`.
        workers: overrides `MARSAD_WORKERS`; default: the cores this process may use.
        memory: overrides `MARSAD_MEMORY`; default: half of what this process may use.
        runner: as in `Settings.runner`.
        environ: stands in for the process's environment.

    Raises:
        ConfigError: a value is not usable; the text names the variable.
    """
    env = os.environ if environ is None else environ
    if workers is None and "MARSAD_WORKERS" in env:
        try:
            workers = int(env["MARSAD_WORKERS"])
        except ValueError:
            raise ConfigError(
                f"MARSAD_WORKERS is {env['MARSAD_WORKERS']!r}: give a whole number"
            ) from None
    if workers is not None and workers < 1:
        raise ConfigError(f"workers is {workers}: give 1 or more")

    def positive(name: str) -> int | None:
        text = env.get(name)
        if not text:
            return None
        if not text.isdecimal() or not int(text):
            raise ConfigError(f"{name} is {text!r}: give a whole number, 1 or more")
        return int(text)

    def folder(name: str) -> Path | None:
        path = Path(env[name]) if env.get(name) else None
        if path is not None and not path.is_dir():
            raise ConfigError(f"{name} is {path}: no such folder")
        return path

    webhook = env.get("MARSAD_WEBHOOK_URL") or None
    if webhook is not None and not _HTTP.fullmatch(webhook):
        # The value itself is a secret.
        raise ConfigError("MARSAD_WEBHOOK_URL is no address: give http:// or https:// and a host")

    def switch(name: str) -> bool:
        text = env.get(name) or "0"
        if text not in ("0", "1"):
            raise ConfigError(f"{name} is {text!r}: give 1 or 0")
        return text == "1"

    memory = memory or env.get("MARSAD_MEMORY") or None
    memory_bytes = max(MIN_MEMORY, _memory() // 2) if memory is None else read_memory(memory)
    workers, limits = _shared_out(memory_bytes, workers or _cores())

    data = read_data(env["MARSAD_DATA"]) if env.get("MARSAD_DATA") else None
    log_format = env.get("MARSAD_LOG_FORMAT") or "text"
    if log_format not in ("text", "json"):
        raise ConfigError(f"MARSAD_LOG_FORMAT is {log_format!r}: give text or json")

    query = QueryBounds()
    if (seconds := positive("MARSAD_SQL_SECONDS")) is not None:
        query = replace(query, seconds=seconds)
    if (megabytes := positive("MARSAD_SQL_MEMORY_MB")) is not None:
        query = replace(query, memory_bytes=megabytes * 10**6)

    for name, attribute, unit in _LIMITS:
        if (number := positive(name)) is not None:
            limits = replace(limits, **{attribute: number * unit})

    if not _RUNNER.fullmatch(runner):
        raise ConfigError(f"--runner is {runner!r}: give local, dask, or dask=tcp://host:port")

    return Settings(
        lake=(lake or Path(env.get("MARSAD_LAKE") or "warehouse")).absolute(),
        workers=workers,
        runner=runner,
        limits=limits,
        memory_bytes=memory_bytes,
        catalog=read_catalog(env["MARSAD_CATALOG"]) if env.get("MARSAD_CATALOG") else None,
        data=data,
        s3=_s3(env) if data is not None and "://" in data else None,
        user_reference=folder("MARSAD_REFERENCE"),
        user_expectations=folder("MARSAD_EXPECTATIONS"),
        query=query,
        prefect_api_url=env.get("PREFECT_API_URL") or None,
        webhook_url=webhook,
        log_format=log_format,
        publish_bodies=switch("MARSAD_PUBLISH_BODIES"),
    )


def _shared_out(memory_bytes: int, workers: int) -> tuple[int, Limits]:
    """Return how many workers fit into memory, and bounds with the chunks that fit into them."""
    # The rest is the parent's, which holds Great Expectations and Prefect besides.
    share = memory_bytes * 6 // 10
    workers = max(1, min(workers, share // (_WORKER_BYTES + (8 * 2**20) * _WORKER_BYTES_PER_BYTE)))
    for_chunk = (share // workers - _WORKER_BYTES) // _WORKER_BYTES_PER_BYTE
    return workers, Limits(chunk_bytes=min(Limits().chunk_bytes, max(4 * 2**20, for_chunk)))


def _s3(env: Mapping[str, str]) -> S3Access:
    """Return how to reach S3, from the variables that every client of it reads.

    Raises:
        ConfigError: there are no keys, or the endpoint is no address.
    """
    key_id, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        raise ConfigError(
            "MARSAD_DATA is on S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            " (and AWS_ENDPOINT_URL, where it is not Amazon's)"
        )
    endpoint = env.get("AWS_ENDPOINT_URL") or None
    if endpoint is not None and not _HTTP.fullmatch(endpoint):
        raise ConfigError(f"AWS_ENDPOINT_URL is {endpoint!r}: give http:// or https:// and a host")
    return S3Access(
        key_id,
        secret,
        env.get("AWS_SESSION_TOKEN") or None,
        env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1",
        endpoint,
    )

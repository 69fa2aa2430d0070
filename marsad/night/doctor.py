"""What is wrong with an installation and its lake, and what to do about it."""

import importlib.metadata
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import duckdb

from marsad.audit.suites import load_suites
from marsad.errors import MarsadError
from marsad.lake import titles
from marsad.lake.access import prepare
from marsad.lake.connect import connect
from marsad.lake.files import stored_files
from marsad.night.examine_lake import examine_lake, examine_runs
from marsad.night.findings import Finding, Level
from marsad.parse import built as parse_built
from marsad.parse.keywords import built as keywords_built
from marsad.reference import load_rules
from marsad.settings import PROJECT_DIR, Settings

#: Free bytes below which a night is likely to fail.
_TOO_LITTLE = 500 * 10**6
#: Seconds that Prefect's server has to answer.
_PATIENCE = 5.0


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; each finding comes as soon as it is known. Nothing is changed."""
    steps: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("packages", _packages),
        ("loops", _loops),
        ("extensions", _extensions),
        ("configuration", _configuration),
        ("disk", _disk),
        ("lake", examine_lake),
        ("runs", examine_runs),
        ("prefect", _prefect),
        ("dask", _dask),
    )
    for what, step in steps:
        try:
            yield from step(settings)
        except (MarsadError, duckdb.Error, OSError) as error:
            line = str(error).strip().splitlines()[0]
            todo = "" if isinstance(error, MarsadError) else "mend that, and ask again"
            yield Finding("error", what, line, todo)


def _packages(_: Settings) -> Iterator[Finding]:
    """Compare what is installed with what is locked."""
    lock = PROJECT_DIR / "requirements.lock"
    # A package may stand there once for older Pythons, and once for newer ones.
    locked: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", lock.read_text("utf-8")):
        locked.setdefault(name, set()).add(version)
    wanted = {
        re.split(r"[^\w.-]", need, maxsplit=1)[0]: need
        for need in importlib.metadata.requires("marsad") or []
        if "python_version" not in need
    }
    wrong = []
    for name in sorted(wanted):
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found not in locked.get(name, {found}):
            wrong.append(f"{name} {found} (locked: {' or '.join(sorted(locked[name]))})")
    if wrong:
        level: Level = "error" if any(" missing " in line for line in wrong) else "warning"
        yield Finding(level, "packages", "; ".join(wrong), "run `make install`")
    else:
        yield Finding("ok", "packages", f"{len(wanted)} as they are locked")


def _loops(_: Settings) -> Iterator[Finding]:
    """Tell whether the loops over bytes were compiled; the rows are the same without them."""
    if parse_built.IS_BUILT and keywords_built.IS_BUILT and titles.IS_BUILT:
        yield Finding("ok", "loops", "compiled")
    else:
        said = "not all compiled: NumPy does the same, and a night takes half as long again"
        todo = "install a C compiler and Python's headers, then `make clean install`"
        yield Finding("warning", "loops", said, todo)


def _extensions(settings: Settings) -> Iterator[Finding]:
    """Load what DuckDB needs."""
    with closing(connect()) as con:
        prepare(con, settings.place)
        rows = con.execute(
            "select extension_name || ' ' || extension_version from duckdb_extensions()"
            " where loaded and extension_name in"
            " ('ducklake', 'sqlite_scanner', 'postgres_scanner', 'httpfs') order by all"
        ).fetchall()
    names = ", ".join(name for (name,) in rows)
    yield Finding("ok", "extensions", f"DuckDB {duckdb.__version__}: {names}")


def _configuration(settings: Settings) -> Iterator[Finding]:
    """Read the reference data and the suites, the user's own among them."""
    rules = load_rules(settings)
    folders = [settings.expectations]
    if settings.user_expectations is not None:
        folders.append(settings.user_expectations)
    suites = load_suites(folders)
    yield Finding(
        "ok", "configuration", f"parser {rules.parser_version[:12]}, {len(suites)} suites"
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    """Look at the folder, and at the space that there is."""
    folder = next(path for path in (settings.lake, *settings.lake.parents) if path.is_dir())
    if not os.access(folder, os.W_OK):
        yield Finding(
            "error", "disk", f"{folder} is read-only", "let this user write to it, or use --lake"
        )
    free = shutil.disk_usage(folder).free
    used = sum(stored_files(settings.place).values())
    found = f"{free / 1e9:,.1f} GB free; the lake's files take {used / 1e9:,.3f} GB"
    if settings.data is not None:
        found += f" of {settings.data}"
    if free < _TOO_LITTLE:
        yield Finding("error", "disk", found, f"free space on the disk of {folder}")
    elif free < used and settings.data is None:
        todo = "free space: merging files may write all of them again; `marsad maintain` expires"
        yield Finding("warning", "disk", found, todo)
    else:
        yield Finding("ok", "disk", found)


def _prefect(settings: Settings) -> Iterator[Finding]:
    """Ask Prefect's server how it is, where one is named."""
    url = settings.prefect_api_url
    if url is None:
        yield Finding("ok", "prefect", "no server named: runs start a temporary one of their own")
        return
    todo = "start it with `prefect server start`, or unset PREFECT_API_URL"
    if not url.startswith(("http://", "https://")):
        yield Finding("error", "prefect", "PREFECT_API_URL is no http address", todo)
        return
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=_PATIENCE):
            yield Finding("ok", "prefect", "the server answers")
    except HTTPError as error:
        yield Finding("error", "prefect", f"the server answers with {error.code}", todo)
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        yield Finding("error", "prefect", f"the server does not answer: {reason}", todo)


def _dask(settings: Settings) -> Iterator[Finding]:
    """Ask the scheduler of the Dask cluster for its workers, where one is named."""
    if settings.scheduler is None:
        return
    from distributed import Client

    # What it tells of itself is told here in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with Client(settings.scheduler, timeout=_PATIENCE, set_as_default=False) as client:
            n_workers = len(client.nthreads())
    except (OSError, ValueError) as error:
        line = str(error).strip().splitlines()[0]
        todo = "start it with `dask scheduler`, or use another --runner"
        yield Finding("error", "dask", f"the scheduler does not answer: {line}", todo)
        return
    if n_workers:
        yield Finding("ok", "dask", f"{n_workers} workers at {settings.scheduler}")
    else:
        todo = f"start some with `dask worker {settings.scheduler}`"
        yield Finding("error", "dask", f"{settings.scheduler} has no workers", todo)

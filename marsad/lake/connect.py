"""Open the lake: DuckDB with the extensions that came as wheels, and the catalog attached.

Extensions are loaded from the installed wheels by path: nothing is downloaded, and nothing is
copied into the user's home.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from marsad.errors import ConfigError, LakeError
from marsad.lake.escape import literal

#: Name of the lake in every connection.
CATALOG = "lake"


def extension_path(name: str) -> Path:
    """Return the file of an installed extension, such as `ducklake`.

    Raises:
        ConfigError: its wheel is not installed.
    """
    package = f"duckdb_extension_{name}"
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ConfigError(f"DuckDB extension {name} is not installed: run `make install`")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
    path = folder / f"{name}.duckdb_extension"
    if not path.is_file():
        raise ConfigError(
            f"DuckDB extension {name} is not for DuckDB {duckdb.__version__}: run `make install`"
        )
    return path


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an installed extension into a connection."""
    con.execute(f"load {literal(str(extension_path(name)))}")


def catalog_path(lake: Path) -> Path:
    """Return the file of the embedded catalog."""
    return lake / "catalog.sqlite"


def data_path(lake: Path) -> Path:
    """Return the folder of the tables' Parquet files."""
    return lake / "data"


def lake_exists(lake: Path) -> bool:
    """Whether there is a lake in this folder."""
    return catalog_path(lake).is_file()


def connect(*, threads: int | None = None, temp: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection with the lake's extensions, in UTC.

    Args:
        threads: cores to use; default: all.
        temp: folder for what does not fit in memory.
    """
    con = duckdb.connect()
    # Nothing may be fetched at run time, whatever a query names.
    con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    con.execute("set enable_progress_bar = false")
    if threads is not None:
        con.execute(f"set threads = {int(threads)}")
    if temp is not None:
        # As text: binding a value makes DuckDB import pandas, which costs a second.
        con.execute(f"set temp_directory = {literal(str(temp))}")
    load_extension(con, "sqlite_scanner")
    load_extension(con, "ducklake")
    return con


def attach(
    con: duckdb.DuckDBPyConnection, lake: Path, *, read_only: bool, version: int | None = None
) -> None:
    """Attach a lake to a connection as `lake` and make it the default catalog.

    Args:
        con: a connection of `connect`.
        lake: folder of the warehouse.
        read_only: refuse every change, and refuse to create what is not there.
        version: a snapshot to read instead of the newest; the whole lake is as it was then.

    Raises:
        LakeError: there is no lake to read, or it cannot be opened.
    """
    if read_only and not lake_exists(lake):
        raise LakeError(f"no lake in {lake}: make one with `marsad run INPUT... --lake {lake}`")
    options = [
        f"data_path {literal(str(data_path(lake)) + '/')}",
        # The catalog remembers where it was made; the folder may have been moved since.
        "override_data_path true",
        "meta_busy_timeout 60000",
    ]
    if read_only:
        options.append("read_only")
    if version is not None:
        options.append(f"snapshot_version {int(version)}")
    target = literal(f"ducklake:sqlite:{catalog_path(lake)}")
    try:
        con.execute(f"attach {target} as {CATALOG} ({', '.join(options)})")
    except duckdb.Error as error:
        raise LakeError(f"the lake in {lake} cannot be opened: {first_line(error)}") from error
    con.execute(f"use {CATALOG}.main")


@contextmanager
def open_lake(
    lake: Path,
    *,
    read_only: bool = True,
    version: int | None = None,
    threads: int | None = None,
    temp: Path | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a lake and close it again; see `connect` and `attach`."""
    con = connect(threads=threads, temp=temp)
    try:
        attach(con, lake, read_only=read_only, version=version)
        yield con
    finally:
        con.close()


def first_line(error: BaseException) -> str:
    """Return the first line of an engine's message, which says what is wrong."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

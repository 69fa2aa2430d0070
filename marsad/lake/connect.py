"""Open the lake: DuckDB with the extensions that came as wheels, and the catalog attached.

Extensions are loaded from the installed wheels by path: nothing is downloaded, and nothing is
copied into the user's home.
"""

import contextlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
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


def copy_path(lake: Path) -> Path:
    """Return the copy of the catalog that the last run left; see `marsad.lake.catalog_copy`."""
    return lake / "catalog.backup.sqlite"


def data_path(lake: Path) -> Path:
    """Return the folder of the tables' Parquet files."""
    return lake / "data"


def lake_exists(lake: Path) -> bool:
    """Whether there is a lake in this folder."""
    path = catalog_path(lake)
    # A writer that was killed as it began leaves a file of no bytes.
    return path.is_file() and path.stat().st_size > 0


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
    con: duckdb.DuckDBPyConnection,
    lake: Path,
    *,
    read_only: bool,
    version: int | None = None,
    is_shared: bool = True,
) -> None:
    """Attach a lake to a connection as `lake` and make it the default catalog.

    Args:
        con: a connection of `connect`.
        lake: folder of the warehouse.
        read_only: refuse every change, and refuse to create what is not there.
        version: a snapshot to read instead of the newest; the whole lake is as it was then.
        is_shared: let readers read while this writer commits; off only for maintenance.

    Raises:
        LakeError: there is no lake to read, or it cannot be opened.
    """
    if not lake_exists(lake) and _was_lake(lake):
        # To make a new lake here would make all files of the old one nobody's.
        raise LakeError(f"the catalog of the lake, {catalog_path(lake)}, is gone: {_mending(lake)}")
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
    elif is_shared:
        # With SQLite's other journals a reader in a transaction keeps a writer from committing,
        # and a waiting writer keeps new readers out.
        options.append("meta_journal_mode 'WAL'")
    if version is not None:
        options.append(f"snapshot_version {int(version)}")
    catalog = catalog_path(lake)
    if read_only and not os.access(lake, os.W_OK):
        catalog = _copied_catalog(con, catalog)
    target = literal(f"ducklake:sqlite:{catalog}")
    try:
        con.execute(f"attach {target} as {CATALOG} ({', '.join(options)})")
    except duckdb.Error as error:
        line = first_line(error)
        if any(sign in line for sign in _BROKEN):
            line = f"its catalog is broken ({line.split(': ')[-1]}): {_mending(lake)}"
        raise LakeError(f"the lake in {lake} cannot be opened: {line}") from error
    con.execute(f"use {CATALOG}.main")


#: What SQLite says of a file that is not what it wrote.
_BROKEN = ("not a database", "malformed", "disk I/O error", "no such table: ducklake_")


def _was_lake(lake: Path) -> bool:
    """Whether a folder without a catalog holds what is left of a lake."""
    return copy_path(lake).is_file() or any(data_path(lake).glob("**/*.parquet"))


def _mending(lake: Path) -> str:
    """Say how to get a catalog back."""
    copy = copy_path(lake)
    if not copy.is_file():
        return "put it back from a backup"
    when = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    return (
        f"put back the copy of {when:%Y-%m-%d %H:%M} UTC with"
        f" `rm -f {catalog_path(lake)}-* && cp {copy} {catalog_path(lake)}`,"
        " and run again over the dumps that came since"
    )


def _copied_catalog(con: duckdb.DuckDBPyConnection, catalog: Path) -> Path:
    """Copy a catalog to where SQLite may write beside it, for as long as the connection lives.

    Readers of a catalog with a write-ahead log share a small file with its writer, which must be
    made where there is none; in a folder that this user cannot write to it cannot.
    """
    folder = Path(tempfile.mkdtemp(prefix="marsad-catalog-"))
    weakref.finalize(con, shutil.rmtree, folder, ignore_errors=True)
    for name in (catalog.name, f"{catalog.name}-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(catalog.with_name(name), folder / name)
    return folder / catalog.name


@contextmanager
def open_lake(
    lake: Path,
    *,
    read_only: bool = True,
    version: int | None = None,
    is_shared: bool = True,
    threads: int | None = None,
    temp: Path | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a lake and close it again; see `connect` and `attach`."""
    con = connect(threads=threads, temp=temp)
    try:
        attach(con, lake, read_only=read_only, version=version, is_shared=is_shared)
        yield con
    finally:
        con.close()


def first_line(error: BaseException) -> str:
    """Return the first line of an engine's message, which says what is wrong."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

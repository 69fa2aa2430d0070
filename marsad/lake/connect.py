"""Open the lake: DuckDB with the extensions that came as wheels, and the catalog attached.

Extensions are loaded from the installed wheels by path: nothing is downloaded, and nothing is
copied into the user's home.
"""

import contextlib
import errno
import os
import re
import resource
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from marsad.errors import LakeError
from marsad.lake.access import CATALOG_SECRET, load_extension, prepare
from marsad.lake.escape import literal
from marsad.lake.postgres import has_catalog
from marsad.objects import list_objects
from marsad.place import Place, Where, place_of

#: Name of the lake in every connection.
CATALOG = "lake"
#: Name of the published file in the connections of people who ask it.
PUBLISHED = "published"


def catalog_path(lake: Where) -> Path:
    """Return the file of the embedded catalog."""
    return place_of(lake).folder / "catalog.sqlite"


def copy_path(lake: Where) -> Path:
    """Return the copy of the catalog that the last run left; see `marsad.lake.catalog_copy`."""
    return place_of(lake).folder / "catalog.backup.sqlite"


def lake_exists(lake: Where) -> bool:
    """Whether there is a lake in this place.

    Raises:
        LakeError: its PostgreSQL does not answer.
    """
    place = place_of(lake)
    if place.catalog is not None:
        return has_catalog(place.catalog)
    path = catalog_path(lake)
    # A writer that was killed as it began leaves a file of no bytes.
    return path.is_file() and path.stat().st_size > 0


#: Tells texts apart in eight bytes. The same as DuckDB's macro `md5_number_lower`, by which older
#: lakes were filled, but that makes a text of 128 digits on its way.
_KEY_HASH = "key_hash(key) as (md5_number(key) >> 64)::ubigint"


def connect(
    *,
    threads: int | None = None,
    temp: Path | None = None,
    for_lake: bool = True,
    for_users: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection with the lake's extensions, in UTC.

    Args:
        threads: cores to use; default: all.
        temp: folder for what does not fit in memory.
        for_lake: load what a lake needs; the published file needs nothing.
        for_users: statements will come from users.
    """
    # To check the signatures of the extensions takes longer than all else that opening a lake does,
    # and says nothing of them that the hashes of their wheels did not say as they were installed.
    # Where users write the statements, none can be loaded that is not signed.
    con = duckdb.connect(config={"allow_unsigned_extensions": not for_users})
    # Nothing may be fetched at run time, whatever a query names.
    con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    con.execute("set enable_progress_bar = false")
    if threads is not None:
        con.execute(f"set threads = {int(threads)}")
    if temp is not None:
        # As text: binding a value makes DuckDB import pandas, which costs a second.
        con.execute(f"set temp_directory = {literal(str(temp))}")
    if for_lake:
        load_extension(con, "sqlite_scanner")
        load_extension(con, "ducklake")
    if for_lake and not for_users:
        con.execute(f"create temp macro {_KEY_HASH}")
    return con


def attach(
    con: duckdb.DuckDBPyConnection,
    lake: Where,
    *,
    read_only: bool,
    version: int | None = None,
    is_shared: bool = True,
) -> None:
    """Attach a lake to a connection as `lake` and make it the default catalog.

    Args:
        con: a connection of `connect`.
        lake: where it is; a path is that of its folder.
        read_only: refuse every change, and refuse to create what is not there.
        version: a snapshot to read instead of the newest; the whole lake is as it was then.
        is_shared: let readers read while this writer commits; off only for maintenance.

    Raises:
        LakeError: there is no lake to read, or it cannot be opened.
    """
    place = place_of(lake)
    is_there = lake_exists(place)
    if not is_there and _was_lake(place):
        # To make a new lake here would make all files of the old one nobody's.
        whose = catalog_path(place) if place.catalog is None else place.catalog.name
        raise LakeError(f"the catalog of the lake, {whose}, is gone: {_mending(place)}")
    if read_only and not is_there:
        raise LakeError(f"no lake in {place}: {_making(place)}")
    options = [f"data_path {literal(place.data_root)}"]
    if read_only:
        options.append("read_only")
    if version is not None:
        options.append(f"snapshot_version {int(version)}")
    prepare(con, place)
    if place.catalog is not None:
        target = f"ducklake:postgres:{place.catalog.conninfo}"
        options.append(f"meta_secret {literal(CATALOG_SECRET)}")
    else:
        catalog = catalog_path(place)
        if read_only and not (os.access(place.folder, os.W_OK) and has_space(place.folder)):
            catalog = _copied_catalog(con, catalog)
        target = f"ducklake:sqlite:{catalog}"
        options.append("meta_busy_timeout 60000")
        if not read_only and is_shared:
            # With SQLite's other journals a reader in a transaction keeps a writer from committing,
            # and a waiting writer keeps new readers out.
            options.append("meta_journal_mode 'WAL'")
    try:
        _attach(con, target, options, place)
    except duckdb.Error as error:
        line = first_line(error)
        if place.catalog is None and (full := full_disk(place.folder)):
            line = f"{full}: make some, and try again"
        elif any(sign in line for sign in _BROKEN):
            line = f"its catalog is broken ({line.split(': ')[-1]}): {_mending(place)}"
        raise LakeError(f"the lake in {place} cannot be opened: {line}") from error
    con.execute(f"use {CATALOG}.main")


def _attach(con: duckdb.DuckDBPyConnection, target: str, options: list[str], place: Place) -> None:
    """Attach a catalog, which remembers where its data was when it was made.

    A folder that holds a whole lake may have been moved since, and then it is right; anything else
    would write files to where no other reader looks for them.

    Raises:
        LakeError: the data of this catalog is somewhere else.
    """
    statement = f"attach {literal(target)} as {CATALOG}"
    try:
        con.execute(f"{statement} ({', '.join(options)})")
    except duckdb.Error as error:
        found = _ELSEWHERE.search(str(error))
        if found is None:
            raise
        if place.catalog is not None or place.data is not None or "://" in found[1]:
            raise LakeError(
                f"the data of the lake in {place} is in {found[1]}, not in {place.data_root}:"
                f" set MARSAD_DATA to {found[1].removesuffix('/').removesuffix('/data')}"
            ) from None
        con.execute(f"{statement} ({', '.join(options)}, override_data_path true)")


#: What DuckLake says of a catalog whose data is somewhere else.
_ELSEWHERE = re.compile(r'does not match existing data path in the catalog "([^"]*)"')


def has_space(folder: Path) -> bool:
    """Whether SQLite can make the file beside the catalog that its readers and writers share.

    On a full disk it cannot, and then says the same as of a catalog that is broken. A quota of the
    disk is not seen here; `full_disk` sees it.
    """
    largest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    may_grow = largest == resource.RLIM_INFINITY or largest >= _SPACE
    return may_grow and shutil.disk_usage(folder).free >= _SPACE


def full_disk(folder: Path) -> str | None:
    """Say in words that a folder's disk, or what one may write to it, is used up; else None.

    Engines say this in as many ways as there are, some of which name anything but the disk. So it
    is tried: call it only when something has failed.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_SPACE))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return f"no space is left on the disk of {folder}"
        if error.errno in (errno.EDQUOT, errno.EFBIG):
            return f"no space is left in what this user may write to {folder}"
    return None


#: Bytes that SQLite needs beside a catalog to open it; the file itself has 32 KiB.
_SPACE = 2**20

#: What SQLite says of a file that is not what it wrote.
_BROKEN = ("not a database", "malformed", "disk I/O error", "no such table: ducklake_")


def _was_lake(place: Place) -> bool:
    """Whether a place without a catalog holds what is left of a lake."""
    if place.is_remote:
        try:
            return any(found.uri.endswith(".parquet") for found in list_objects(place.data_root))
        except OSError as error:
            raise LakeError(f"the data of the lake cannot be reached: {error}") from error
    is_copied = place.catalog is None and copy_path(place).is_file()
    return is_copied or any(Path(place.data_root).glob("**/*.parquet"))


def _making(place: Place) -> str:
    """Say how to make a lake."""
    if place.catalog is not None:
        return "make one with `marsad run INPUT...`"
    return f"make one with `marsad run INPUT... --lake {place.folder}`"


def _mending(place: Place) -> str:
    """Say how to get a catalog back."""
    if place.catalog is not None:
        return (
            f"put the database back from its backup, or give an empty MARSAD_DATA to a new lake"
            f" (there are files in {place.data_root})"
        )
    copy = copy_path(place)
    if not copy.is_file():
        return "put it back from a backup"
    when = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    return (
        f"put back the copy of {when:%Y-%m-%d %H:%M} UTC with"
        f" `rm -f {catalog_path(place)}-* && cp {copy} {catalog_path(place)}`,"
        " and run again over the dumps that came since"
    )


def _copied_catalog(con: duckdb.DuckDBPyConnection, catalog: Path) -> Path:
    """Copy a catalog to where SQLite may write beside it, for as long as the connection lives.

    Readers of a catalog with a write-ahead log share a small file with its writer, which must be
    made where there is none; in a folder that this user cannot write to, or on a full disk, it
    cannot.
    """
    folder = Path(tempfile.mkdtemp(prefix="marsad-catalog-"))
    weakref.finalize(con, shutil.rmtree, folder, ignore_errors=True)
    for name in (catalog.name, f"{catalog.name}-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(catalog.with_name(name), folder / name)
    return folder / catalog.name


@contextmanager
def open_lake(
    lake: Where,
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

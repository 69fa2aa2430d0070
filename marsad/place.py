"""Where a lake is: one folder, or a catalog on PostgreSQL, data on S3, and a folder beside them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from marsad.errors import ConfigError

_SCHEMES = ("postgres:", "postgresql:")


@dataclass(frozen=True, slots=True)
class PostgresCatalog:
    """A catalog in a PostgreSQL database, one lake a database.

    Attributes:
        conninfo: how libpq finds it, without the password.
        password: None: libpq looks for one itself (`PGPASSWORD`, `~/.pgpass`).
        name: the database as people are shown it.
    """

    conninfo: str
    password: str | None = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class S3Access:
    """How DuckDB reaches S3-compatible storage; obstore reads the same variables by itself.

    Attributes:
        endpoint: `http://host:port` or `https://host`; None: Amazon's.
    """

    key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(repr=False)
    region: str
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of a lake are.

    Attributes:
        folder: what is always local: published file, Data Docs, report, embedded catalog.
        catalog: None: SQLite in `folder`.
        data: `s3://bucket/prefix`, or another folder that several machines share; None: `folder`.
        s3: how to reach data that is on S3.
    """

    folder: Path
    catalog: PostgresCatalog | None = None
    data: str | None = None
    s3: S3Access | None = None

    @property
    def is_remote(self) -> bool:
        """Whether the data is in an object store."""
        return self.data is not None and "://" in self.data

    @property
    def data_root(self) -> str:
        """The folder or prefix of the tables' Parquet files, with a slash at its end."""
        return f"{self.data or self.folder}/data/"

    @property
    def staging_root(self) -> str:
        """The folder or prefix of what runs write before they publish: beside the data.

        Never within it: DuckLake would take staged files for orphans.
        """
        return f"{self.data or self.folder}/staging/"

    def __str__(self) -> str:
        """Say where it is, without secrets."""
        return self.catalog.name if self.catalog else str(self.folder)


#: A lake is often just its folder.
Where: TypeAlias = Path | Place


def place_of(lake: Where) -> Place:
    """Return the place of a lake that is named by its folder."""
    return lake if isinstance(lake, Place) else Place(lake)


def read_catalog(text: str) -> PostgresCatalog:
    """Read `MARSAD_CATALOG`: `postgres:` before a libpq string or address, or such an address.

    Raises:
        ConfigError: it is neither. The text holds no part of it, for that may be the password.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    usage = (
        "MARSAD_CATALOG is no address of a PostgreSQL database: give"
        " postgres:'host=… dbname=… user=…' or postgresql://user@host/dbname"
    )
    if not text.startswith(_SCHEMES):
        raise ConfigError(usage)
    is_address = text.startswith(tuple(f"{scheme}//" for scheme in _SCHEMES))
    try:
        parts = conninfo_to_dict(text if is_address else text.split(":", 1)[1])
    except ProgrammingError:
        raise ConfigError(usage) from None
    password = parts.pop("password", None)
    host = f" on {parts['host']}" if "host" in parts else ""
    port = f":{parts['port']}" if "port" in parts else ""
    name = f"PostgreSQL database {parts.get('dbname', '(default)')}{host}{port}"
    secret = None if password is None else str(password)
    return PostgresCatalog(make_conninfo("", **parts), secret, name)


def read_data(text: str) -> str:
    """Read `MARSAD_DATA`: `s3://bucket/prefix`, or the path of a folder.

    Raises:
        ConfigError: it is neither.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return str(Path(text).absolute())
    if scheme != "s3" or not rest.strip("/") or set("?*[]{}#\0") & set(rest):
        raise ConfigError(f"MARSAD_DATA is {text!r}: give s3://bucket/prefix, or a folder")
    return text.rstrip("/")

"""What DuckDB needs to reach a lake: extensions from the installed wheels, and secrets in memory.

Extensions are loaded by path: nothing is downloaded, and nothing is copied into the user's home.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import duckdb

from marsad.errors import ConfigError
from marsad.lake.escape import literal
from marsad.place import Place, S3Access

#: Name of the secret that holds the catalog's password.
CATALOG_SECRET: Final = "marsad_catalog"
_DATA_SECRET: Final = "marsad_data"


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


def prepare(con: duckdb.DuckDBPyConnection, place: Place) -> None:
    """Load what a place needs, and leave its secrets in the connection's memory.

    The engine shows secrets to nobody; in the text of an ATTACH they would stand in its errors and
    in its list of databases.

    Raises:
        ConfigError: an extension is not installed.
    """
    if place.catalog is not None:
        load_extension(con, "postgres_scanner")
        options = {"type": "postgres"}
        if place.catalog.password is not None:
            options["password"] = place.catalog.password
        _make_secret(con, CATALOG_SECRET, options)
    if place.s3 is not None:
        load_extension(con, "httpfs")
        _make_secret(con, _DATA_SECRET, _s3_options(place.s3) | {"scope": str(place.data)})


def _s3_options(s3: S3Access) -> dict[str, str]:
    options = {"type": "s3", "key_id": s3.key_id, "secret": s3.secret, "region": s3.region}
    if s3.session_token is not None:
        options["session_token"] = s3.session_token
    if s3.endpoint is not None:
        scheme, _, host = s3.endpoint.partition("://")
        # Servers other than Amazon's have no host name for each bucket.
        options |= {"endpoint": host.rstrip("/"), "url_style": "path"}
        options["use_ssl"] = str(scheme == "https").lower()
    return options


def _make_secret(con: duckdb.DuckDBPyConnection, name: str, options: dict[str, str]) -> None:
    """Make a secret, in memory alone.

    Raises:
        ConfigError: the engine refuses it; its own message would show the statement.
    """
    values = ", ".join(f"{key} {literal(value)}" for key, value in options.items())
    try:
        con.execute(f"create or replace temporary secret {name} ({values})")
    except duckdb.Error:
        raise ConfigError(f"the keys of {name} are refused: look at the environment") from None

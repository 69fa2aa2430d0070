"""An object as the only file of a file system, through which DuckDB reads it range by range.

DuckDB's own client of S3 would take the keys of the object's name for patterns, and knows fewer
ways to credentials than the client that all other formats are read with.
"""

from typing import Any, BinaryIO, ClassVar

from fsspec import AbstractFileSystem

from marsad.objects import head_object, open_object

#: What DuckDB is told to open.
ADDRESS = "marsad-dump://dump.parquet"


class OneObject(AbstractFileSystem):  # type: ignore[misc]
    """A file system with one file, `ADDRESS`."""

    protocol: ClassVar[str] = ADDRESS.partition(":")[0]
    cachable: ClassVar[bool] = False

    def __init__(self, uri: str) -> None:
        """Take the object's address; asks nothing of its store."""
        super().__init__()
        self._uri = uri

    def glob(self, path: str, maxdepth: int | None = None, **_: Any) -> list[str]:
        """Return the path: it is no pattern."""
        return [path]

    def exists(self, path: str, **_: Any) -> bool:
        """Always true; opening it tells more."""
        return True

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return what DuckDB asks for of a file."""
        found = head_object(self._uri)
        return {
            "name": path,
            "size": found.n_bytes,
            "type": "file",
            "mtime": found.modified.timestamp(),
        }

    def modified(self, path: str) -> Any:
        """Return when it was changed."""
        return head_object(self._uri).modified

    def open(self, path: str, mode: str = "rb", *_: Any, **__: Any) -> BinaryIO:
        """Open the object."""
        return open_object(self._uri)

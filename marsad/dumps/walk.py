"""From what the caller names to files: paths, addresses of objects, globs, folders."""

import os
import stat
from collections.abc import Iterator, Sequence
from glob import iglob
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from marsad.dumps.addresses import objects_of
from marsad.dumps.kinds import is_hidden
from marsad.errors import DumpError
from marsad.objects import is_object

_SCHEME = "file://"


def uri_of(path: str) -> str:
    """Return how a path is written in tables: as it is, absolute.

    A name that is not UTF-8 becomes a `file://` address, since no table can hold its bytes.
    """
    return _written(str(Path(path).absolute()))


def _written(path: str) -> str:
    """Write an absolute path."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return _SCHEME + quote_from_bytes(os.fsencode(path))
    return path


def path_of(uri: str) -> str:
    """Return the path that `uri_of` wrote."""
    if uri.startswith(_SCHEME):
        return os.fsdecode(unquote_to_bytes(uri.removeprefix(_SCHEME)))
    return uri


def walk(inputs: Sequence[str]) -> tuple[list[str], list[DumpError]]:
    """Find the files that are meant.

    Args:
        inputs: paths of files and folders, and globs (`**` for any depth); the same on a store,
            as `s3://bucket/prefix`. Folders are searched to any depth, not through links to
            folders; names that start with `.` or `_` keep house (`.DS_Store`, `_SUCCESS`) and
            are passed over there. A file that is named itself is always taken.

    Returns:
        The files as `uri_of` writes them, each once, sorted; and a problem for each input that
        does not exist, or holds no file.
    """
    found: set[str] = set()
    problems: list[DumpError] = []
    for given in inputs:
        try:
            _take(given, found, problems)
        except (OSError, ValueError) as error:
            problems.append(DumpError(uri_of(given.replace("\0", "?")), "unreadable", str(error)))
    return sorted(found), problems


def _take(given: str, found: set[str], problems: list[DumpError]) -> None:
    if is_object(given):
        objects = set(objects_of(given))
        found |= objects
        if not objects:
            problems.append(DumpError(given, "missing", "there is no such object or folder"))
        return
    if "://" in given and not given.startswith(_SCHEME):
        detail = "only local files and s3:// are read: mount or copy it first"
        problems.append(DumpError(given, "unsupported_location", detail))
        return
    path = path_of(given)
    if os.path.lexists(path):
        _take_path(path, found, problems)
        return
    matches = sorted(iglob(path, recursive=True))  # noqa: PTH207 - takes absolute patterns too
    if not matches:
        problems.append(DumpError(uri_of(path), "missing", "there is no such file or folder"))
    for match in matches:
        if Path(match).is_dir() and "**" in path:
            continue  # its files match too
        _take_path(match, found, problems)


def _take_path(path: str, found: set[str], problems: list[DumpError]) -> None:
    """Take a file, or the files of a folder."""
    mode = Path(path).stat().st_mode
    if stat.S_ISREG(mode):
        found.add(uri_of(path))
    elif stat.S_ISDIR(mode):
        is_empty = True
        for file in _files(str(Path(path).absolute()), problems):
            is_empty = False
            found.add(_written(file))
        if is_empty:
            problems.append(DumpError(uri_of(path), "empty_folder", "there is no file in it"))
    else:
        problems.append(DumpError(uri_of(path), "no_file", "neither a file nor a folder"))


def _files(folder: str, problems: list[DumpError]) -> Iterator[str]:
    """Yield the regular files of a folder, at any depth."""
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if is_hidden(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file():
                        yield entry.path
                    elif not entry.is_dir():
                        detail = "neither a file nor a folder"
                        problems.append(DumpError(uri_of(entry.path), "no_file", detail))
        except OSError as error:
            problems.append(DumpError(uri_of(current), "unreadable", error.strerror or str(error)))

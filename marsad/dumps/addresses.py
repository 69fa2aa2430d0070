"""The objects that an address names: one, all of a folder, or those that match a pattern."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from marsad.dumps.kinds import is_hidden
from marsad.objects import ObjectInfo, head_object, list_objects

#: What stands for several names; a key may hold these signs too.
_SIGNS: Final = re.compile(r"(\*\*/|\*\*|\*|\?)")
_MEANING: Final = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def objects_of(address: str) -> Iterator[str]:
    """Yield the objects that an address names, in no order.

    Args:
        address: `s3://bucket/key`, or a folder of keys, or either with `*`, `**` and `?`. In
            folders names that start with `.` or `_` keep house and are passed over.

    Raises:
        OSError: the store refuses, or does not answer.
    """
    with suppress(FileNotFoundError):
        if address.count("/") > 2 and not address.endswith("/"):
            yield head_object(address).uri
            return
    folder = address.rstrip("/")
    is_empty = True
    for uri in _files(folder):
        is_empty = False
        yield uri
    if is_empty and _SIGNS.search(address):
        first = _SIGNS.split(address, maxsplit=1)[0]
        # A folder that matches stands for what is in it.
        pattern = re.compile(f"{_expression(folder)}(?:/.*)?")
        yield from filter(pattern.fullmatch, _files(first.rpartition("/")[0]))


def _files(folder: str) -> Iterator[str]:
    """Yield what is in a folder at any depth, less what keeps house or stands for a folder."""
    found = [each for each in list_objects(folder) if not is_hidden(each.uri[len(folder) + 1 :])]
    folders = {each.uri.rpartition("/")[0] for each in found}
    yield from (each.uri for each in found if not _is_folder(each, folders))


def _is_folder(found: ObjectInfo, folders: set[str]) -> bool:
    """Whether an object only stands for a folder, as some programs make them."""
    return not found.n_bytes and found.uri in folders


def _expression(pattern: str) -> str:
    parts = _SIGNS.split(pattern)
    return "".join(_MEANING.get(part) or re.escape(part) for part in parts)

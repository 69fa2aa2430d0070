"""Files that are there whole or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a place to write a file at, and move it to its own once the block ends.

    What a block wrote that did not end well is deleted; what a killed process leaves has a name of
    its own, so that this is for folders that are cleared, or where several write the same.
    """
    # Another process may be writing the same: a worker that is believed dead, a second reader.
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)

"""Publishers as an aggregator prints them."""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Publisher(NamedTuple):
    """One publisher.

    Attributes:
        name: the name by which it is known.
        forms: how pages print it, the commonest first.
    """

    name: str
    forms: tuple[str, ...]

    def printed(self, choice: float) -> bytes:
        """One of the forms in UTF-8, mostly the first; `choice` is a number in [0, 1)."""
        n_forms = len(self.forms)
        return self.forms[0 if choice < 0.6 else int(choice * n_forms * 16) % n_forms].encode()


def load_publishers(path: Path) -> tuple[Publisher, ...]:
    """Read the publishers, the most frequent first."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))["sources"]
    return tuple(Publisher(name, tuple(forms)) for name, forms in table.items())

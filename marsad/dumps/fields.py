"""Which of a record's own field names means what: data, not code.

The names stand in `data/reference/fields.csv`, the most telling first; a user's file of the same
form goes before it.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marsad.errors import ConfigError

#: What a field can mean. `text` is a whole page as scraped, `content` the body of an article;
#: `date` is any date: an article's publication, a page's crawl (as in FineWeb-2).
TARGETS: Final = (
    "text",
    "content",
    "title",
    "source",
    "author",
    "url",
    "keywords",
    "published",
    "updated",
    "observed",
    "date",
)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Folded field name to (target, rank); of two names of one target the lower rank wins."""

    ranks: dict[str, tuple[str, int]]

    def columns(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Sort the names that a dump uses by what they mean.

        Args:
            names: field names as they stand in the dump, in any case, with any blanks around.

        Returns:
            For each target that has any, its names, the most telling first; names that mean
            nothing here are left out. The order of `names` does not matter.
        """
        found: dict[str, list[tuple[int, str]]] = {}
        for name in set(names):
            if hit := self.ranks.get(name.strip().casefold()):
                found.setdefault(hit[0], []).append((hit[1], name))
        return {
            target: [name for _, name in sorted(found[target])]
            for target in TARGETS
            if target in found
        }


def load_fields(paths: Sequence[Path]) -> FieldMap:
    """Read the files of synonyms (columns `target`, `name`; UTF-8).

    Args:
        paths: the shipped file first; a later file's names go before an earlier one's, and may
            give a name another target. A path that does not exist is passed over, so that a user
            need not have a file of their own.

    Returns:
        The names of all files together.

    Raises:
        ConfigError: a file cannot be read, or has another form; the text names file and line.
    """
    ranks: dict[str, tuple[str, int]] = {}
    for path in reversed(paths):
        if not path.exists():
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    target = (row.get("target") or "").strip()
                    name = (row.get("name") or "").strip().casefold()
                    if target not in TARGETS or not name:
                        place = f"{path}, row {row}"
                        raise ConfigError(f"{place}: give a name and one of {', '.join(TARGETS)}")
                    ranks.setdefault(name, (target, len(ranks)))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ConfigError(f"{path}: not a file of field names: {error}") from None
    return FieldMap(ranks)

"""The map of folding: from a code point to the text that its fold is."""

import csv
import functools

from marsad.settings import PROJECT_DIR

#: A constant of the code, kept as data so that it can be read and reviewed.
TABLE = PROJECT_DIR / "data" / "reference" / "fold.csv"


@functools.cache
def fold_map() -> dict[int, str]:
    """Return what folding changes: code point to text, which may be empty; made once."""
    folds: dict[int, str] = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            first, last = int(row["first"], 16), int(row["last"], 16)
            to = [int(code, 16) for code in row["to"].split()]
            for code in range(first, last + 1):
                if row["rule"] == "shift":
                    folds[code] = chr(to[0] + code - first)
                else:
                    folds[code] = "".join(map(chr, to))
    return folds

"""A date in a path, which says when its dump was taken."""

import re
from datetime import UTC, datetime
from typing import Final

#: 2015-07-21, 2015_07_21, 2015/07/21, 2015.07.21 and 20150721.
_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_/.]?)(\d\d)\2(\d\d)(?!\d)")


def date_in(path: str) -> datetime | None:
    """Return the last date that a path names, midnight UTC; None where it names none.

    The last one, because what stands nearest to the file speaks of it most closely.
    """
    for year, _, month, day in reversed(_DATE.findall(path)):
        try:
            return datetime(int(year), int(month), int(day), tzinfo=UTC)
        except ValueError:
            continue
    return None

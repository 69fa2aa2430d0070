"""Read single records again, as the text that a reject keeps."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import polars as pl

from marsad.dumps.context import Context, Wanted
from marsad.dumps.fields import FieldMap
from marsad.dumps.opening import Reader
from marsad.dumps.units import Unit, unit_pieces, units_of
from marsad.settings import Limits


class Raw(NamedTuple):
    """A record as a reject keeps it.

    Attributes:
        text: its first bytes, decoded.
        form: how all of it reads from `text`, as in `schema.REJECTS.raw_form`.
    """

    text: str
    form: str | None


def fetch_raw(
    plan_path: Path, uri: str, member: str | None, record_nos: Collection[int], *, limits: Limits
) -> dict[int, Raw]:
    """Read given records of a dump again.

    Args:
        plan_path: the plan in which the dump stands.
        uri: the dump.
        member: the archive member, None outside archives.
        record_nos: the records, from 1.
        limits: bounds on input; of each record the first `raw_bytes` bytes are returned.

    Returns:
        By number, the record as it stood in the dump, decoded: a page, a line, an element of an
        array; of a table the row as a JSON object. Numbers that are not there are left out.

    Raises:
        StreamError: the dump cannot be read any more.
        OSError: its file is gone.
    """
    wanted = Wanted(member, frozenset(record_nos))
    context = Context(limits, FieldMap({}), wanted)
    # Whoever reads a share reads all of it.
    rows = pl.scan_parquet(plan_path).filter(pl.col("uri") == uri, pl.col("share") == 0)
    units = units_of(rows)
    for number, unit in enumerate(units):
        following = units[number + 1] if number + 1 < len(units) else None
        if not _may_hold(unit, following, wanted.numbers):
            continue
        reader = Reader(unit.origin, context, unit.n_bytes, dated=unit.is_dated)
        for parse in unit_pieces(unit, reader, context):
            parse()
            if len(wanted.found) == len(wanted.numbers):
                break
    cut = limits.raw_bytes
    return {
        number: Raw(data[:cut].decode("utf-8", "ignore"), wanted.form if len(data) <= cut else None)
        for number, data in wanted.found.items()
    }


def _may_hold(unit: Unit, following: Unit | None, numbers: Collection[int]) -> bool:
    """Whether a unit has one of these records; parts of a zip may have any."""
    if unit.format == "zip" or unit.first_record_no is None:
        return True
    last = following.first_record_no if following else None
    return any(unit.first_record_no <= number < (last or number + 1) for number in numbers)

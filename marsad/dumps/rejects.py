"""Rows of `schema.REJECTS`: what could not become a record, kept and named."""

import base64
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from marsad.dumps.lines import RawRecord
from marsad.ids import hash_id
from marsad.schema import REJECTS


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from.

    Attributes:
        dump_id: the dump.
        uri: its file.
        member: the archive member, `inner.zip!page.txt` for nested ones; None outside archives.
        observed_default: the date of records that have none of their own; UTC.
    """

    dump_id: str
    uri: str
    member: str | None
    observed_default: datetime


def raw_text(data: bytes) -> tuple[str, str]:
    """Return bytes as text that SQL can hold, else as base64, and which: `text` or `base64`."""
    text = data.decode("utf-8", "ignore" if _is_cut_text(data) else "replace")
    if "\ufffd" in text or "\0" in text:
        return base64.b64encode(data).decode("ascii"), "base64"
    return text, "text"


def _is_cut_text(data: bytes) -> bool:
    """Whether the only thing wrong with this UTF-8 is that its last character is cut."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(data) and error.reason == "unexpected end of data"
    return True


def reject_rows(
    origin: Origin, records: list[RawRecord], raw_bytes: int, form: str | None
) -> pl.DataFrame:
    """Return rejected records, each with its rule, as rows of `schema.REJECTS`.

    Args:
        origin: where they come from.
        records: the records; of each at most `raw_bytes` bytes are kept, and `detail` says so.
        raw_bytes: as in `settings.Limits`.
        form: how a record of this dump reads from its bytes, as in `schema.REJECTS.raw_form`; None
            where they are not enough.
    """
    rows = []
    for record in records:
        head = record.data[:raw_bytes]
        raw, encoding = raw_text(head)
        detail = record.detail
        is_cut = len(head) < record.n_bytes
        if is_cut:
            detail = f"{detail}; its first {len(head)} bytes are kept"
        rule = record.rule or ""
        key = hash_id(origin.dump_id, origin.member or "", str(record.record_no), rule)
        place = (origin.dump_id, origin.member, record.record_no, record.byte_offset)
        what = (rule, detail.lstrip("; "), raw, encoding)
        rows.append((key, *place, *what, origin.observed_default, None if is_cut else form))
    return pl.DataFrame(rows, schema=REJECTS, orient="row")

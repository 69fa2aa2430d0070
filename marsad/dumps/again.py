"""Read rejected records again, from what was kept of them, with today's reader."""

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import orjson
import polars as pl

from marsad.dumps.context import OBJECT, Context, Piece, piece_of, reject_piece
from marsad.dumps.fields import FieldMap
from marsad.dumps.json_rows import parse_objects
from marsad.dumps.lines import RawRecord
from marsad.dumps.rejects import Origin
from marsad.dumps.texts import page_of, page_rows
from marsad.schema import RECORDS, REJECTS
from marsad.settings import Limits

_PLACE: Final = ("dump_id", "uri", "member", "observed_default", "raw_form")


def read_kept(rejects: pl.DataFrame, *, limits: Limits, fields: FieldMap) -> Piece:
    """Read rejects whose raw form is all of the record (`raw_form` is not null).

    Args:
        rejects: columns of `schema.REJECTS`, and `uri` of the dump.
        limits: bounds on input.
        fields: the synonyms of field names.

    Returns:
        Each as the record that it is today, or as a reject once more.
    """
    context = Context(limits, fields)
    pieces = [Piece(pl.DataFrame(schema=RECORDS), pl.DataFrame(schema=REJECTS), 0)]
    for place, group in rejects.sort("record_no").group_by(_PLACE, maintain_order=True):
        dump_id, uri, member, observed_default, form = place
        assert isinstance(observed_default, datetime)
        origin = Origin(
            str(dump_id), str(uri), None if member is None else str(member), observed_default
        )
        if form == "fields":
            pieces.append(_fields(group, origin))
            continue
        raw = list(_raw_records(group))
        if form == OBJECT:
            parsed = parse_objects(raw, fields)
            pieces.append(piece_of(parsed, raw, origin, context, 0, form=OBJECT))
        else:
            pieces += [_page(record, origin, context) for record in raw]
    records = pl.concat([piece.records for piece in pieces])
    return Piece(records, pl.concat([piece.rejects for piece in pieces]), 0)


def _raw_records(group: pl.DataFrame) -> Iterator[RawRecord]:
    columns = ("record_no", "byte_offset", "raw", "raw_encoding")
    for record_no, byte_offset, raw, encoding in group.select(columns).iter_rows():
        data = base64.b64decode(raw) if encoding == "base64" else str(raw).encode()
        yield RawRecord(record_no, byte_offset or 0, data, len(data))


def _page(record: RawRecord, origin: Origin, context: Context) -> Piece:
    text, problem = page_of(record.data)
    if problem is not None:
        return reject_piece(origin, problem, context, form="page")
    return Piece(page_rows([(origin, text)]), pl.DataFrame(schema=REJECTS), 0)


def _fields(group: pl.DataFrame, origin: Origin) -> Piece:
    """Take records as they were when the parser rejected them; their fields have our names."""
    rows = []
    for record_no, byte_offset, raw in group.select("record_no", "byte_offset", "raw").iter_rows():
        place = {
            "dump_id": origin.dump_id,
            "member": origin.member,
            "record_no": record_no,
            "byte_offset": byte_offset,
            "observed_default": origin.observed_default,
        }
        rows.append(orjson.loads(raw) | place)
    return Piece(pl.DataFrame(rows, schema=RECORDS), pl.DataFrame(schema=REJECTS), 0)

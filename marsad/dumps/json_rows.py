"""Parse JSON objects into columns: Polars where that is exact, else the standard library."""

import json
import re
from dataclasses import dataclass
from typing import Final

import orjson
import polars as pl

from marsad.dumps.fields import FieldMap
from marsad.dumps.lines import RawRecord
from marsad.dumps.records import NUMBER, OFFSET

#: No name that means something is longer, each letter escaped.
_KEY_BYTES: Final = 400
_KEY_END: Final = re.compile(rb'"[ \t\r\n]*+:')
#: Text of Polars' that may stand for something else: a number that it wrote anew, a nested
#: value, or (a NUL) half of a surrogate pair.
_DOUBTFUL: Final = r"\A(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\z|[\[{])"
_NUL: Final = "\0"


@dataclass(frozen=True, slots=True)
class Parsed:
    """Objects as columns, and the records that are none.

    Attributes:
        frame: `NUMBER`, `OFFSET`, and a String column for each key that means something.
        rejects: records with rule `invalid_json`, `not_an_object` or `not_text`, or what they
            came with.
    """

    frame: pl.DataFrame
    rejects: list[RawRecord]


def parse_objects(records: list[RawRecord], fields: FieldMap) -> Parsed:
    """Parse records of one JSON object each.

    Of a repeated key the first value counts. Numbers keep their digits; lists of keywords and
    other lists are joined, of a nested object the name is taken (`flatten`); NaN and null are
    nothing; a NUL is left out, half of a surrogate pair becomes U+FFFD.

    Args:
        records: the bytes of each; those that are rejects already are passed on as they are.
        fields: the synonyms: only keys that they name are kept.
    """
    sound = [record for record in records if record.rule is None]
    rejects = [record for record in records if record.rule is not None]
    frame = parse_all(sound, fields)
    if frame is None:
        rows, broken = _parse_slowly(sound, fields)
        return Parsed(rows, rejects + broken)
    return Parsed(frame, rejects)


def parse_all(records: list[RawRecord], fields: FieldMap) -> pl.DataFrame | None:
    """Parse records at a stroke, or return None where one of them is no JSON object."""
    # A line break between tokens is a blank; inside a string it is read as one.
    data = b"\n".join([record.data.replace(b"\n", b" ") for record in records])
    known = sorted(name for names in fields.columns(_keys(data)).values() for name in names)
    if not records:
        return place([], pl.DataFrame(schema=dict.fromkeys(known, pl.String)))
    schema = dict.fromkeys(known or ["text"], pl.String)
    try:
        frame = pl.read_ndjson(data, schema=schema)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != len(records):
        return None
    doubtful = frame.select(
        pl.any_horizontal(
            pl.all().str.contains(_DOUBTFUL).fill_null(False),
            pl.all().str.contains(_NUL, literal=True).fill_null(False),
        )
    ).to_series()
    placed = place(records, frame)
    if not doubtful.any():
        return placed
    again, broken = _parse_slowly([records[i] for i in doubtful.arg_true()], fields)
    if broken:
        return None
    return pl.concat([placed.filter(~doubtful), again], how="diagonal").sort(NUMBER)


def _keys(data: bytes) -> set[str]:
    """Return whatever may be a key in this JSON; the keys are all among it."""
    found = {part[-_KEY_BYTES:].rpartition(b'"')[2] for part in _KEY_END.split(data)}
    keys = set()
    for raw in found:
        key = raw.decode("utf-8", "replace")
        if "\\" in key:
            try:
                key = str(json.loads(f'"{key}"'))
            except ValueError:
                continue
        keys.add(key)
    return keys


def place(records: list[RawRecord], frame: pl.DataFrame) -> pl.DataFrame:
    """Add to one row a record the columns that say where it stood; no columns is no obstacle."""
    number = pl.Series(NUMBER, [record.record_no for record in records], pl.Int64)
    offset = pl.Series(OFFSET, [record.byte_offset for record in records], pl.Int64)
    kept = [column for column in frame.get_columns() if column.name not in (NUMBER, OFFSET)]
    return pl.DataFrame([number, offset, *kept])


def _parse_slowly(
    records: list[RawRecord], fields: FieldMap
) -> tuple[pl.DataFrame, list[RawRecord]]:
    """Parse one by one: what Polars refuses, or may have got wrong."""
    good: list[RawRecord] = []
    objects: list[dict[str, object]] = []
    bad: list[RawRecord] = []
    for record in records:
        try:
            value = _loads(record.data)
        except UnicodeDecodeError as error:
            detail = f"not UTF-8 at byte {error.start} of the record"
            bad.append(record.rejected("not_text", detail))
        except (ValueError, RecursionError) as error:
            detail = str(error) if isinstance(error, ValueError) else "nested too deeply"
            bad.append(record.rejected("invalid_json", detail))
        else:
            if isinstance(value, dict):
                good.append(record)
                objects.append(value)
            else:
                detail = f"a JSON {_NAMES.get(type(value), 'value')} where an object should be"
                bad.append(record.rejected("not_an_object", detail))
    targets = {
        name: target
        for target, names in fields.columns(key for row in objects for key in row).items()
        for name in names
    }
    columns = {
        name: pl.Series(name, [flatten(row.get(name), target) for row in objects], pl.String)
        for name, target in sorted(targets.items())
    }
    return place(good, pl.DataFrame(columns)), bad


_NAMES: Final[dict[type, str]] = {
    list: "array",
    str: "string",
    bool: "boolean",
    type(None): "null",
}


def _loads(data: bytes) -> object:
    text = data.decode("utf-8").replace("\n", " ")
    try:
        return json.loads(
            text,
            object_pairs_hook=_first_wins,
            parse_int=str,
            parse_float=str,
            parse_constant=lambda _: None,
        )
    except RecursionError:
        return orjson.loads(data)  # the nesting that Polars takes too


def _first_wins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return dict(reversed(pairs))


#: Lists and objects inside each other that are looked into for a text.
_MAX_DEPTH: Final = 16


def flatten(value: object, target: str, depth: int = 0) -> str | None:
    """Say any JSON value as text.

    Args:
        value: of one field.
        target: what the field means; keywords in a list become lines, paragraphs of a text are
            parted by a blank line, other lists by a comma. Of an object its name is taken, else
            all of it as JSON.
        depth: how many lists and objects stand around the value.

    Returns:
        The text, `clean`, or None where there is none.
    """
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, list):
        parts = [part for part in (flatten(item, target, depth + 1) for item in value) if part]
        return _JOINTS.get(target, ", ").join(parts) or None
    if isinstance(value, dict):
        for key in _NAMING:
            if isinstance(name := value.get(key), str):
                return clean(name)
        return clean(_dumps(value))
    return str(value)


_JOINTS: Final = {"keywords": "\n", "text": "\n\n", "content": "\n\n"}
#: Keys of a nested object that say what it is, as in `{"author": {"name": …}}`.
_NAMING: Final = ("name", "title", "label", "value", "text", "@value", "url")


def _dumps(value: dict[str, object]) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Leave out NULs, and mark halves of surrogate pairs, which no UTF-8 can hold."""
    if text.isascii():
        return text.replace("\0", "")
    return _SURROGATES.sub("\ufffd", text.replace("\0", ""))

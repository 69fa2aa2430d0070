"""From the fields of any dump to rows of `schema.RECORDS`."""

from dataclasses import dataclass

import polars as pl

from marsad.dumps.fields import FieldMap
from marsad.dumps.rejects import Origin
from marsad.schema import RECORDS

#: Columns that a reader adds to a record's own; names that no field has.
NUMBER, OFFSET = "\0record_no", "\0byte_offset"

_PLAIN = ("title", "source", "author", "url", "keywords", "published", "updated", "observed")
#: With one of these beside it, a `content` is the body of an article; alone it is a page.
_ARTICLE_FIELDS = ("title", "source", "author", "keywords", "published")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Records, and the numbers of those that have no text."""

    records: pl.DataFrame
    without_text: list[int]


def map_records(frame: pl.DataFrame, origin: Origin, fields: FieldMap) -> Mapped:
    """Give a dump's own columns their meaning.

    A record with a `text` is a page; one with a `content` beside a title, source, author,
    keywords or date of publication is an article; one with a `content` and none of them is a
    page. Of several names with one meaning the first with anything but blanks is taken. A bare
    `date` is an article's date of publication and a page's date of observation.

    Args:
        frame: `NUMBER`, `OFFSET` and String columns under the dump's own names.
        origin: where the records come from.
        fields: the synonyms.

    Returns:
        Rows of `schema.RECORDS` in the frame's order, and what is not among them.
    """
    names = fields.columns(frame.columns)
    found = frame.select(
        pl.col(NUMBER).alias("record_no"),
        pl.col(OFFSET).alias("byte_offset"),
        *(_first_filled(names.get(target, [])).alias(target) for target in ("text", "content")),
        *(_first_filled(names.get(target, [])).alias(target) for target in _PLAIN),
        _first_filled(names.get("date", [])).alias("date"),
    )
    has_text = pl.col("text").is_not_null()
    is_article = ~has_text & pl.any_horizontal(pl.col(_ARTICLE_FIELDS).is_not_null())
    records = found.with_columns(
        pl.lit(origin.dump_id).alias("dump_id"),
        pl.lit(origin.member, pl.String).alias("member"),
        pl.when(is_article).then(pl.lit("article")).otherwise(pl.lit("page")).alias("kind"),
        pl.coalesce("text", "content").alias("text"),
        pl.col("title", "source", "author", "url", "keywords"),
        pl.coalesce("published", pl.when(is_article).then("date")).alias("published_raw"),
        pl.col("updated").alias("updated_raw"),
        pl.coalesce("observed", pl.when(~is_article).then("date")).alias("observed_raw"),
        pl.lit(origin.observed_default, RECORDS["observed_default"]).alias("observed_default"),
    ).select(list(RECORDS))
    filled = records["text"].is_not_null()
    if filled.all():
        return Mapped(records, [])
    return Mapped(records.filter(filled), records.filter(~filled)["record_no"].to_list())


def _first_filled(names: list[str]) -> pl.Expr:
    """Take the first of these columns that holds more than blanks."""
    if not names:
        return pl.lit(None, pl.String)
    return pl.coalesce(
        pl.when(pl.col(name).str.contains(r"\S")).then(pl.col(name)) for name in names
    )

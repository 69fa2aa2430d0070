"""Cut new dumps into units that are read by themselves, and put small ones together."""

from datetime import datetime
from typing import Final

import polars as pl

from marsad.dumps.dates import date_in
from marsad.dumps.facts import Span
from marsad.schema import UTC
from marsad.settings import Limits

#: Workers that share a unit at most: each inflates all of it, and that is a tenth of the work.
_MOST_SHARES: Final = 4
#: Chunks into which a night is cut at least, before a chunk grows.
_MANY: Final = 16


def units(
    new: pl.DataFrame, spans: dict[str, tuple[Span, ...]], observed: datetime | None
) -> pl.DataFrame:
    """Return a row for each part that is read by itself, in order of uri and place."""
    given = pl.lit(observed, UTC)
    in_path = pl.Series("in_path", [date_in(uri) for uri in new["uri"].to_list()], UTC)
    changed = pl.col("mtime_us").cast(UTC)
    dumps = new.with_columns(
        pl.coalesce(given, in_path, changed).alias("observed_default"),
        pl.lit(observed is not None).alias("is_dated"),
    )
    parts = pl.DataFrame(
        [(uri, *span) for uri in new["uri"].to_list() for span in spans.get(uri, ())],
        schema={
            "uri": pl.String,
            "start": pl.Int64,
            "end": pl.Int64,
            "first_record_no": pl.Int64,
            "part_bytes": pl.Int64,
        },
        orient="row",
    )
    return dumps.join(parts, on="uri", how="left", maintain_order="left_right").with_columns(
        pl.coalesce("part_bytes", "content_bytes").alias("unit_bytes")
    )


def shared(parts: pl.DataFrame, workers: int, limits: Limits) -> pl.DataFrame:
    """Let several workers share a large unit, where there is little else for them to do.

    What is compressed as a whole, or one JSON array, cannot be begun in the middle. Each of them
    reads all of it, and parses only every so manieth piece.

    Args:
        parts: rows of `units`.
        workers: how many there are.
        limits: a share is no smaller than a chunk.

    Returns:
        The same with a row for each share, `share` from 0 and `n_shares`.
    """
    n_bytes = pl.col("unit_bytes")
    deserved = (n_bytes * workers / n_bytes.sum().clip(1)).round()
    most = pl.min_horizontal(deserved, n_bytes // limits.chunk_bytes, pl.lit(_MOST_SHARES))
    # The rows of a Parquet file can be begun anywhere.
    is_rows = (pl.col("format") == "parquet") & (pl.col("codecs") == "")
    n_shares = pl.when(is_rows).then(1).otherwise(pl.max_horizontal(most, pl.lit(1)))
    return (
        parts.with_columns(n_shares.cast(pl.Int64).alias("n_shares"))
        .with_columns(n_bytes // pl.col("n_shares"), pl.int_ranges("n_shares").alias("share"))
        .explode("share")
    )


def chunks(unit_bytes: list[int], limits: Limits) -> tuple[list[int], list[int]]:
    """Put units that follow each other together, up to a chunk's worth of bytes and files.

    A large chunk costs less a byte than a small one; but where chunks are few, the last of them
    leaves workers idle.
    """
    worth = max(limits.unit_bytes, min(limits.chunk_bytes, sum(unit_bytes) // _MANY))
    numbers: list[int] = []
    sizes: list[int] = []
    n_units = 0
    for n_bytes in unit_bytes:
        is_full = not sizes or n_units >= limits.chunk_files
        if is_full or sizes[-1] + n_bytes > worth:
            sizes.append(0)
            n_units = 0
        sizes[-1] += n_bytes
        n_units += 1
        numbers.append(len(sizes) - 1)
    return numbers, sizes

"""Language, on short texts that people labelled."""

import csv
from pathlib import Path
from typing import Final

import polars as pl

from marsad.evaluate.score import Score, Tally, one_a_key
from marsad.parse.language import detect_languages

CORPUS: Final = "labelled sentences"


def measure(labelled: Path) -> list[Score]:
    """Measure each language that the list has; every text is in one.

    Args:
        labelled: a table with the columns language and text.
    """
    with labelled.open(encoding="utf-8", newline="") as file:
        rows = [(row["language"], row["text"]) for row in csv.DictReader(file)]
    texts = pl.DataFrame(rows, schema=["language", "text"], orient="row").with_row_index("key")
    texts = texts.with_columns(
        pl.col("key").cast(pl.String), detect_languages(texts["text"]).alias("found")
    )
    languages = sorted({language for language, _ in rows})
    tally = Tally(CORPUS, [f"language {language}" for language in languages])
    for language in languages:
        field = f"language {language}"
        is_it = pl.lit(language).alias(field)
        tally.add(
            one_a_key(texts.filter(language=language).select("key", is_it), "key", [field]),
            one_a_key(texts.filter(found=language).select("key", is_it), "key", [field]),
        )
    return tally.scores()

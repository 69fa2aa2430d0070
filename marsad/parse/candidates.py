"""Candidates: lines that begin as a label does, and what follows the label there."""

from typing import Final

import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.fold_map import fold_map
from marsad.parse.labels import DATE_BEFORE, PROMOTION, SOURCE, Labels

#: How a label stands on its line: alone, before a value that punctuation sets apart, or bare,
#: with nothing between label and value, which is how prose begins too.
ALONE: Final = 0
MARKED: Final = 1
BARE: Final = 2

_QUOTES = '"“”„«‹'
# At the edges of a value: spaces and invisible marks, what leads to it, what ends it.
_EDGES = (
    " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\ufeff"
)
_MARKS = ":：؛;.…-–—_|/=»"
_LABEL_AGAIN = r"^([^:：]{1,60})[:：][\s\p{Cf}]*"
_BEFORE_MARK = r"^[^:：؛(\[{.…]*"
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("«", "»"), ('"', '"'), ("“", "”"))
_ENDS = ".…؛;،,|-–—_/:"


def find_candidates(lines: pl.DataFrame, labels: Labels) -> pl.DataFrame:
    """Find the lines that begin as a label does, and read what follows the label.

    Args:
        lines: columns text (display, stripped) and folded, String.

    Returns:
        One row a candidate, in the order of the lines: line (UInt32, the row in `lines`), kind
        (UInt8, place in `KINDS`), form (UInt8), n_value_words (Int64), value (String, display
        form, without the punctuation that sets it apart), before (String, a date before the
        label), bare (Boolean, whether the label allows a bare value), quoted (Boolean, whether a
        quotation mark opens before the label, or a source's name holds but one).
    """
    found = (
        lines.select("text", "folded")
        .with_row_index("line")
        .filter(pl.col("folded").str.contains(labels.pattern))
        .with_columns(
            pl.col("folded").str.extract(labels.pattern, 0).str.strip_chars_end(" ").alias("head")
        )
        .with_columns(pl.col("head").str.replace(f"^{DATE_BEFORE}", "").alias("key"))
    )
    # A label that begins with a date would lose it; only labels of the data are keys.
    n_head = found["head"].str.count_matches(" ", literal=True) + 1
    found = found.with_columns(
        n_head.alias("n_head"),
        _kind_of(found["key"], labels).alias("kind"),
        found["key"].is_in(list(labels.bare)).alias("bare"),
    )
    found = found.with_columns(_after_head(found, n_head))
    is_marked = pl.col("rest").str.contains(r"^[\s\p{Cf}]*[:：؛;(\[{.…\-–—_|/=»]")
    n_words = pl.col("folded").str.count_matches(" ", literal=True) + 1 - pl.col("n_head")
    found = found.select(
        "line",
        "kind",
        pl.when(n_words == 0)
        .then(ALONE)
        .when(is_marked)
        .then(MARKED)
        .otherwise(BARE)
        .cast(pl.UInt8)
        .alias("form"),
        n_words.cast(pl.Int64).alias("n_value_words"),
        pl.when(n_words == 0)
        .then(pl.lit(""))
        .otherwise(
            pl.col("rest").str.strip_chars_start(_EDGES + _MARKS).str.strip_chars_end(_EDGES)
        )
        .alias("value"),
        pl.when(pl.col("head").str.len_bytes() > pl.col("key").str.len_bytes())
        .then(pl.col("text").str.extract(r"^([^\p{L}]*(?:آخر تحديث)?[\d\s:.@/\-]+)", 1))
        .alias("before"),
        "bare",
        (
            pl.col("text").str.contains(rf"^[^\p{{L}}\p{{N}}]*[{_QUOTES}]")
            | (pl.col("kind") == SOURCE) & (pl.col("rest").str.count_matches('["”“]') % 2 == 1)
        ).alias("quoted"),
    )
    found = found.with_columns(_without_label(found, labels))
    is_source = (found["kind"] == SOURCE).arg_true()
    names = clean_names(found["value"].gather(is_source))
    return found.with_columns(found["value"].scatter(is_source, names))


def _without_label(found: pl.DataFrame, labels: Labels) -> pl.Series:
    """Take a label away that a value begins with, where it is one more of the same kind.

    Example: of "المصدر: المصدر: رويترز" (source: source: Reuters) the value is "رويترز".
    """
    values = found["value"]
    rows = values.str.contains(_LABEL_AGAIN).arg_true()
    while len(rows):
        keys = fold_series(values.gather(rows).str.extract(_LABEL_AGAIN, 1))
        kinds = keys.replace_strict(labels.kinds, default=None, return_dtype=pl.UInt8())
        rows = rows.filter((kinds == found["kind"].gather(rows)).fill_null(False))
        values = values.scatter(rows, values.gather(rows).str.replace(_LABEL_AGAIN, ""))
        rows = rows.filter(values.gather(rows).str.contains(_LABEL_AGAIN))
    return values


def clean_names(values: pl.Series) -> pl.Series:
    """Take away the punctuation around names; each distinct one is looked at once.

    Example: " ( المدينة نيوز )" becomes "المدينة نيوز" (a newspaper), and "رويترز .." (Reuters)
    loses its dots.
    """
    distinct = values.drop_nulls().unique().to_list()
    names = [_clean_name(value) for value in distinct]
    return values.replace_strict(distinct, names, default=None, return_dtype=pl.String())


def _clean_name(value: str) -> str:
    value = value.lstrip(_EDGES + _MARKS).rstrip(_EDGES + _ENDS)
    for opening, closing in _PAIRS:
        inner = value[1:-1]
        if (
            value.startswith(opening)
            and value.endswith(closing)
            and not (opening in inner or closing in inner)
        ):
            value = inner.strip(_EDGES)
    # Where the whole line is in brackets, "(source: Reuters)", only the closing one is left.
    return value if "(" in value or "[" in value else value.rstrip(_EDGES + ")]")


def _kind_of(keys: pl.Series, labels: Labels) -> pl.Series:
    """Look each matched head up; one with a gap is known by what it starts with."""
    distinct = keys.unique().to_list()
    if not distinct:
        # Polars gives an empty column the type of its keys.
        return pl.Series(keys.name, [], dtype=pl.UInt8)
    kinds = {}
    for key in distinct:
        start = key
        while start not in labels.kinds:
            start = start.rpartition(" ")[0]
            if not start:
                raise AssertionError(f"no label: {key!r}")
        kinds[key] = labels.kinds[start]
    return keys.replace_strict(distinct, [kinds[key] for key in distinct], return_dtype=pl.UInt8)


def _after_head(found: pl.DataFrame, n_words: pl.Series) -> pl.Series:
    """Return of each text what follows the label and what comes before that."""
    before = found["text"].str.extract(_BEFORE_MARK, 0)
    rest = pl.select(found["text"].str.slice(before.str.len_chars())).to_series()
    # Nearly always the first mark is the one behind the label; where not, words are counted.
    # The lines that are promotion whole have no value.
    is_promotion = found["kind"] == PROMOTION
    others = ((fold_series(before) != found["head"]) & ~is_promotion).arg_true()
    texts = found["text"].gather(others).to_list()
    counted = [_after_words(text, n) for text, n in zip(texts, n_words.gather(others), strict=True)]
    return rest.scatter(others, pl.Series(counted, dtype=pl.String())).rename("rest")


def _after_words(text: str, n_words: int) -> str:
    """Return what follows the first words of a text; words as folding parts them."""
    folds = fold_map()
    in_word = False
    for place, char in enumerate(text):
        to = folds.get(ord(char), char)
        if to == " ":
            if in_word and n_words == 0:
                return text[place:]
            in_word = False
        elif to and not in_word:
            in_word = True
            n_words -= 1
    return ""

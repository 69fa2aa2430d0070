"""Keyword lines: cut at their delimiters, or into words with the evidence of the article's text."""

from typing import Final

import polars as pl

from marsad.parse.arabic import fold_series
from marsad.parse.keywords.evidence import find_spans
from marsad.schema import KEYWORD_LINES

#: What separates keywords: commas and semicolons (Arabic, Latin, Chinese), bars, hash, bullets,
#: tabs, line ends, and dashes between spaces.
DELIMITERS: Final = r"[،,;؛|¦#•·●▪，、\t\n\r\x{2028}\x{2029}]|\s[-–—ـ/]+\s"
#: More words than this between two delimiters on average, and they do not separate keywords but
#: lines of them.
MAX_MEAN_WORDS: Final = 4.5

_AROUND: Final = " \"'“”‘’«»()[]{}<>.…:!?؟*-–—/"  # is no part of a keyword at its ends
_SEPARATOR: Final = "|"  # a word of its own, which folds to nothing
_UNMATCHED: Final = "!"  # stands for a word of which no text can hold an occurrence


def keyword_lines(lines: pl.DataFrame) -> pl.DataFrame:
    r"""Cut keyword lines into words or, where they have delimiters, keywords.

    `العراق، غزة` (Iraq, Gaza) has two keywords; `القوات الأميركية حماس` has three words, whose
    boundaries `segment_lines` finds. A line that has delimiters, but many words between them, is
    taken as words too, with an empty word for each delimiter: no keyword goes across one.

    Args:
        lines: page_id, article_id, observed_at, keywords_raw (String), title (String, nullable)
            and folded_body (the folded body; a space or `\n` between words).

    Returns:
        `schema.KEYWORD_LINES`, in the order of the lines; lines that hold no word are left out.
    """
    words = _words(_parts(lines["keywords_raw"]))
    kept = (
        lines.with_columns(line=pl.int_range(pl.len()))
        .join(words, on="line", how="inner", maintain_order="left")
        .with_columns(at=pl.int_range(pl.len()))
    )
    return (
        kept.join(_spans(kept.filter(~pl.col("is_delimited"))), on="at", how="left")
        .sort("at")
        .with_columns(pl.col("span_start", "span_length", "span_count").fill_null([]))
        .select(KEYWORD_LINES.names())
        .cast(KEYWORD_LINES)
    )


def _parts(raw: pl.Series) -> pl.DataFrame:
    """Return line, part (what stands between two delimiters) and is_delimited."""
    return (
        pl.LazyFrame({"raw": raw})
        .select(
            line=pl.int_range(pl.len()),
            part=pl.col("raw")
            .fill_null("")
            .str.replace_all("_", " ", literal=True)
            .str.replace_all(DELIMITERS, "\n")
            .str.split("\n"),
        )
        .explode("part")
        # One space between words, so that no expression is needed to find them.
        .with_columns(
            pl.col("part").str.replace_all(r"\s{2,}|[^\S ]", " ").str.strip_chars(_AROUND)
        )
        .filter(pl.col("part") != "")
        .with_columns(n_words=pl.col("part").str.count_matches(" ", literal=True) + 1)
        .with_columns(
            is_delimited=(pl.len().over("line") > 1)
            & (pl.col("n_words").mean().over("line") <= MAX_MEAN_WORDS)
        )
        .select("line", "part", "is_delimited")
        .collect()
    )


def _words(parts: pl.DataFrame) -> pl.DataFrame:
    """Return line, is_delimited, words and keys; no line without a key."""
    delimited = parts.filter("is_delimited").select("line", "is_delimited", word="part")
    undelimited = (
        parts.filter(~pl.col("is_delimited"))
        .select(
            "line",
            "is_delimited",
            word=(pl.col("part") + f" {_SEPARATOR}").str.split(" "),
        )
        .explode("word")
    )
    words = pl.concat([delimited, undelimited])
    distinct = words.select(pl.col("word").unique())
    distinct = distinct.with_columns(
        key=fold_series(distinct["word"]), printed=pl.col("word").str.strip_chars(_AROUND)
    )
    return (
        words.join(distinct, on="word", how="left", maintain_order="left")
        .with_columns(printed=pl.when(pl.col("key") == "").then(pl.lit("")).otherwise("printed"))
        .filter((pl.col("key") != "") | ~pl.col("is_delimited"))
        .group_by("line", maintain_order=True)
        .agg(pl.col("is_delimited").first(), words="printed", keys="key")
        # The last part has no delimiter behind it.
        .with_columns(kept=pl.col("keys").list.len() - ~pl.col("is_delimited"))
        .with_columns(pl.col("words", "keys").list.head(pl.col("kept")))
        .filter(pl.col("keys").list.join("") != "")
    )


def _spans(undelimited: pl.DataFrame) -> pl.DataFrame:
    """Return at, span_start, span_length and span_count of lines without delimiters."""
    key = pl.element()
    unmatched = (key == "") | key.str.contains(" ", literal=True)
    matchable = pl.when(unmatched).then(pl.lit(_UNMATCHED)).otherwise(key)
    lines = undelimited.select(pl.col("keys").list.eval(matchable).list.join(" "))["keys"]
    titles = fold_series(undelimited["title"].fill_null(""))
    texts = undelimited["folded_body"].fill_null("")
    spans = find_spans(lines, texts, titles)
    return (
        spans.with_columns(undelimited["at"].gather(spans["row"]))
        .group_by("at", maintain_order=True)
        .agg(span_start="start", span_length="length", span_count="count")
    )

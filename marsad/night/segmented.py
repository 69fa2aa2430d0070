"""Cut the night's keyword lines into keywords, once all of them are known.

The phrase model is made of the lake's counts and the night's own lines; it then cuts every line.
Both depend on the set of lines alone, not on which worker parsed them, nor in what order.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from marsad.lake.connect import lake_exists, open_lake
from marsad.lake.staged import EMPTY, parts
from marsad.night.context import RunContext
from marsad.night.counted import read_counted
from marsad.night.learning import Chosen, learn_parts, read_model, write_model
from marsad.night.progress import Progress, report
from marsad.night.sharing import gather, share_part, shared_part
from marsad.night.workers import each_in_worker
from marsad.parse.keywords.model import Model
from marsad.parse.keywords.segment import segment_lines

#: Decimals of a confidence: more would be noise, and would differ between processors.
_DECIMALS = 4


def segment(context: RunContext) -> int:
    """Write the staged keywords of every keyword line, and what the night adds to the counts.

    Returns:
        How many rows of `staged_article_keywords` there are.
    """
    found = (path.stem for path in (context.staging / "keyword_lines").glob("*.parquet"))
    names = sorted(name for name in found if name != EMPTY)
    chosen = _one_for_each_article(context)
    counts = read_counted(context, names, chosen.height)
    new = chosen.filter(~pl.col("article_id").is_in(_known(context, chosen).implode()))
    model = learn_parts(context, _by_part(new), counts)
    return cut_parts(context, model, names)


def cut_parts(context: RunContext, model: Model, names: Sequence[str]) -> int:
    """Cut the lines of these parts of `keyword_lines`; return the number of keywords."""
    write_model(context, model)
    total = 0
    cut = partial(cut_part, context.for_workers(), len(model.stages))
    for done, count in enumerate(each_in_worker(cut, names)):
        total += count
        report(Progress("segment", steps=done + 1, n_steps=len(names)))
    gather(context, ["article_keywords"])
    return total


def cut_part(context: RunContext, n_stages: int, name: str) -> int:
    """Cut the lines of one part, in a worker."""
    lines = shared_part(context, "keyword_lines", name)
    if not lines.height:
        return 0
    keywords = segment_lines(lines, read_model(context, n_stages)).with_columns(
        pl.col("confidence").round(_DECIMALS)
    )
    share_part(context, "article_keywords", name, keywords)
    return keywords.height


def _one_for_each_article(context: RunContext) -> pl.DataFrame:
    """Choose one line of the night for each article, the earliest.

    Returns:
        article_id, part (path of the file) and row (in that file).
    """
    return (
        pl.scan_parquet(parts(context.staging, "keyword_lines"), include_file_paths="part")
        .select("part", "article_id", "observed_at", "page_id")
        .with_columns(row=pl.int_range(pl.len()).over("part"))
        .sort("article_id", "observed_at", "page_id", "row")
        .unique("article_id", keep="first", maintain_order=True)
        .select("article_id", "part", "row")
        .collect()
    )


def _by_part(lines: pl.DataFrame) -> list[Chosen]:
    """Group lines by the part that holds them."""
    rows = lines.sort("part", "row").group_by("part", maintain_order=True).agg("row")
    return [Chosen(Path(part).stem, numbers) for part, numbers in rows.iter_rows()]


def _known(context: RunContext, lines: pl.DataFrame) -> pl.Series:
    """Return which of these articles have lines that the lake's counts hold already."""
    lake = context.settings.place
    if not lake_exists(lake):
        return pl.Series([], dtype=pl.String)
    with open_lake(lake) as con:
        con.register("asked", lines.select("article_id"))
        known = con.sql(
            "select article_id from news.articles where keywords_raw is not null"
            " and article_id in (select article_id from asked)"
        ).pl()
    return known["article_id"]

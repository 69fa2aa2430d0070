"""Cut every keyword line of the lake again, with the model that all of them together make."""

import dataclasses

import polars as pl

from marsad.lake.connect import open_lake
from marsad.lake.publish import Published
from marsad.lake.relearn import publish_keywords
from marsad.lake.staged import write_empty_parts, write_part
from marsad.night.context import RunContext
from marsad.night.ends import run_row
from marsad.night.learning import Chosen, learn_parts
from marsad.night.opened import open_staged
from marsad.night.progress import Progress, report
from marsad.night.segmented import cut_parts
from marsad.night.summary import PUBLISHED, RunSummary
from marsad.parse.arabic import fold_series
from marsad.parse.keywords.counts import Counts
from marsad.parse.keywords.lines import keyword_lines
from marsad.settings import Settings

#: Articles whose texts are held at a time.
_BATCH = 10_000


def require_lake(settings: Settings) -> None:
    """Check that there is a lake, before anything is touched.

    Raises:
        LakeError: there is none.
    """
    with open_lake(settings.place):
        return


def read_lines(context: RunContext) -> list[str]:
    """Stage the keyword line of every article of the lake; return the names of the parts.

    Articles come in the order of their ids: the same lake gives the same parts, whatever the
    order in which its nights came.
    """
    write_empty_parts(context.staging)
    names = []
    with open_lake(context.settings.place) as con:
        articles = con.sql(
            "select article_id, first_seen_at, keywords_raw, title, body from news.articles"
            " where keywords_raw is not null order by article_id"
        ).to_arrow_reader(_BATCH)
        for number, batch in enumerate(articles):
            frame = pl.DataFrame(pl.from_arrow(batch))
            lines = keyword_lines(
                frame.select(
                    # An article has one line here, so its own id names the page.
                    pl.col("article_id").alias("page_id"),
                    "article_id",
                    pl.col("first_seen_at").alias("observed_at"),
                    "keywords_raw",
                    "title",
                    fold_series(frame["body"]).alias("folded_body"),
                )
            )
            names.append(f"{number:06d}")
            write_part(context.staging, "keyword_lines", names[-1], lines)
            report(Progress("read", steps=number + 1))
    return names


def relearn(context: RunContext) -> int:
    """Learn from all lines, and cut each of them; return the number of keywords."""
    names = read_lines(context)
    model = learn_parts(context, [Chosen(name) for name in names], Counts.none())
    return cut_parts(context, model, names)


def publish(context: RunContext) -> Published:
    """Publish what `relearn` staged, in one transaction."""
    dumps = pl.DataFrame(schema={"dump_id": pl.String, "status": pl.String})
    with open_staged(context, dumps) as con:
        return publish_keywords(con, context.settings.sql, run_row(context, PUBLISHED))


def summary_of(context: RunContext, published: Published) -> RunSummary:
    """Return the summary of a relearn."""
    return dataclasses.replace(
        RunSummary(context.run_id, PUBLISHED, kind=context.kind),
        snapshot_id=published.snapshot_id,
        n_article_keywords=published.n_article_keywords,
    )

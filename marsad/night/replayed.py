"""Publish the rejects that today's parser reads and the audit passes: as the pages they are."""

import dataclasses
from collections.abc import Sequence

import polars as pl

from marsad.lake.connect import open_lake
from marsad.lake.publish import Settlement
from marsad.lake.rejects import REPLAYED
from marsad.lake.staged import parts
from marsad.night.context import RunContext
from marsad.night.ends import end_published, run_row
from marsad.night.opened import open_staged
from marsad.night.publication import publish_staged
from marsad.night.replay_reading import PLACE, Chosen, told
from marsad.night.summary import NOTHING_NEW, PUBLISHED, DumpCounts, RunSummary


def tried(
    context: RunContext, chosen: Chosen, errors: Sequence[str | None]
) -> tuple[pl.DataFrame, RunSummary]:
    """Count what was read.

    Args:
        context: the run.
        chosen: what was to be tried.
        errors: what `read_part` said of each of its parts.

    Returns:
        Rows of `ops.dumps` for the audit, whose counts are of this run alone; and the summary as
        far as it is known before the audit.
    """
    wanted = pl.read_parquet(context.staging / "chosen.parquet").select(*PLACE, "uri")
    pages = pl.read_parquet(parts(context.staging, "pages")).select(*PLACE, rule=pl.lit(None))
    rejects = pl.read_parquet(parts(context.staging, "rejects")).select(*PLACE, "rule")
    found = pl.concat([pages.cast({"rule": pl.String}), rejects])
    broken = {
        part.dump_id: error
        for part, error in zip(chosen.parts, errors, strict=True)
        if error is not None and part.dump_id is not None
    }
    is_broken = pl.col("dump_id").is_in(list(broken))
    lost = (
        wanted.filter(~is_broken & pl.col("dump_id").is_in(list(chosen.read_again)))
        .join(found, on=PLACE, how="anti", nulls_equal=True)
        .group_by("uri")
        .len()
        .sort("uri")
    )
    counts = found.group_by("dump_id").agg(
        n_records=pl.len().cast(pl.Int64), n_rejects=pl.col("rule").count().cast(pl.Int64)
    )
    with open_lake(context.settings.place) as con:
        dumps = con.sql("select dump_id, uri, format, n_bytes, sha256 from ops.dumps").pl()
    dumps = (
        dumps.join(counts, on="dump_id")
        .sort("uri")
        .with_columns(
            run_id=pl.lit(context.run_id),
            status=pl.when(is_broken).then(pl.lit("failed")).otherwise(pl.lit("published")),
            error=pl.lit(None, pl.String),
        )
    )
    good = dumps.filter(status="published")
    summary = RunSummary(
        run_id=context.run_id,
        status=NOTHING_NEW,
        kind=context.kind,
        n_dumps=DumpCounts(failed=len(broken)),
        n_records=int(good["n_records"].sum()),
        n_rejects=int(good["n_rejects"].sum()),
        rejects_by_rule=_by_rule(rejects.join(good, on="dump_id", how="semi")["rule"]),
        problems=(
            *chosen.not_tried,
            *sorted(broken.values()),
            *(told(uri, n, "they are no longer found in the dump") for uri, n in lost.iter_rows()),
        ),
    )
    return dumps, summary


def _by_rule(rules: pl.Series) -> tuple[tuple[str, int], ...]:
    counts = rules.rename("rule").to_frame().group_by("rule").len()
    counts = counts.sort(["len", "rule"], descending=[True, False])
    return tuple((str(rule), int(count)) for rule, count in counts.iter_rows())


def publish(context: RunContext, dumps: pl.DataFrame, summary: RunSummary) -> RunSummary:
    """Publish the pages that passed, and mark their rejects as replayed, in one transaction.

    Args:
        context: the run.
        dumps: as `tried` returned them.
        summary: as far as it is known.

    Returns:
        The summary: `published`, or `nothing_new` where no page passed the audit. Rejects that
        did not pass stay as they are.

    Raises:
        LakeError: nothing was published; the lake is as it was.
    """
    chosen = pl.read_parquet(context.staging / "chosen.parquet")
    rejected = pl.read_parquet(context.staging / "rejected.parquet")
    validations = pl.read_parquet(context.staging / "validations.parquet")
    with open_staged(context, dumps) as con:
        con.register("rejected_now", rejected)
        con.execute("insert into rejected_pages select page_id, rule, detail from rejected_now")
        passed = con.sql(
            "select dump_id, member, record_no from staged_pages"
            " where page_id not in (select page_id from rejected_pages)"
        ).pl()
        late = rejected.group_by("page_id").agg(pl.col("rule").min())
        n_pages = summary.n_records - summary.n_rejects
        rules = dict(summary.rejects_by_rule)
        for rule, count in _by_rule(late["rule"]):
            rules[rule] = rules.get(rule, 0) + count
        summary = dataclasses.replace(
            summary,
            n_rejects=summary.n_rejects + n_pages - passed.height,
            rejects_by_rule=tuple(sorted(rules.items(), key=lambda each: (-each[1], each[0]))),
        )
        if not passed.height:
            return summary
        settled = (
            chosen.join(passed, on=PLACE, how="semi", nulls_equal=True)
            .drop("uri")
            .with_columns(status=pl.lit(REPLAYED), replay_run_id=pl.lit(context.run_id))
        )
        # A dump itself stands as it was read, less the rejects that are read as pages now; those
        # that the audit throws out the publication adds again.
        con.execute(
            "create or replace table staged_dumps as with pages as"
            " (select dump_id, count(*) as n from staged_pages group by dump_id)"
            " select dumps.* replace (dumps.n_rejects - pages.n as n_rejects)"
            " from lake.ops.dumps as dumps inner join pages on dumps.dump_id = pages.dump_id"
        )
        row = run_row(
            context,
            PUBLISHED,
            n_records=summary.n_records,
            n_rejects=summary.n_rejects,
            n_warnings=len(summary.warnings),
        )
        published = publish_staged(con, context, lambda: Settlement(row, settled, validations))
    return end_published(summary, published, summary.rejects_by_rule)

"""Publish a run that passed its audit."""

import duckdb
import polars as pl

from marsad.dumps.read import fetch_raw
from marsad.ids import hash_id
from marsad.lake.publish import Published, RunRow
from marsad.lake.publish import publish as publish_lake
from marsad.night.audited import open_staged
from marsad.night.context import RunContext
from marsad.night.ends import run_row
from marsad.night.summary import PUBLISHED
from marsad.schema import REJECTS


def _audit_rejects(
    con: duckdb.DuckDBPyConnection, context: RunContext, rejected: pl.DataFrame
) -> pl.DataFrame:
    """Return a reject for each page that the audit threw out, with its raw record read again."""
    con.register("rejected_now", rejected)
    con.execute("insert into rejected_pages select page_id, rule, detail from rejected_now")
    if not rejected.height:
        return REJECTS.to_frame()
    pages = con.sql(
        "select pages.dump_id, dumps.uri, pages.member, pages.record_no, pages.byte_offset,"
        " pages.observed_at, min(rejected.rule) as rule,"
        " string_agg(rejected.detail, '; ' order by rejected.rule) as detail"
        " from rejected_pages as rejected"
        " inner join staged_pages as pages on rejected.page_id = pages.page_id"
        " inner join staged_dumps as dumps on pages.dump_id = dumps.dump_id"
        " group by all order by all"
    ).pl()
    rows = []
    limits = context.settings.limits
    for (uri, member), group in pages.group_by(["uri", "member"], maintain_order=True):
        raws = fetch_raw(
            context.plan_path,
            str(uri),
            None if member is None else str(member),
            group["record_no"].to_list(),
            limits=limits,
        )
        for row in group.iter_rows(named=True):
            raw = raws.get(row["record_no"])
            rows.append(
                {
                    "reject_id": hash_id(
                        row["dump_id"], row["member"] or "", str(row["record_no"]), row["rule"]
                    ),
                    "dump_id": row["dump_id"],
                    "member": row["member"],
                    "record_no": row["record_no"],
                    "byte_offset": row["byte_offset"],
                    "rule": row["rule"],
                    "detail": row["detail"],
                    "raw": None if raw is None else raw.text,
                    "raw_encoding": None if raw is None else "text",
                    # Where the record has a time of its own, that is read from it again.
                    "observed_default": row["observed_at"],
                    "raw_form": None if raw is None else raw.form,
                }
            )
    return pl.DataFrame(rows, schema=REJECTS)


def publish_staged(
    con: duckdb.DuckDBPyConnection,
    context: RunContext,
    row: RunRow,
    rejects: pl.DataFrame,
    validations: pl.DataFrame,
) -> Published:
    """Publish what `open_staged` opened, within what the run may hold.

    Args:
        con: the lake with the staged tables.
        context: the run.
        row: its row of `ops.runs`.
        rejects: its rows of `ops.rejects`.
        validations: its rows of `ops.validations`.

    Raises:
        LakeError: nothing was published; the lake is as it was.
    """
    return publish_lake(
        con,
        context.settings.sql,
        row,
        rejects,
        validations,
        scratch=context.staging / "signatures",
        memory=context.settings.engine_memory_bytes,
    )


def publish(
    context: RunContext, dumps: pl.DataFrame, n_warnings: int
) -> tuple[Published, tuple[tuple[str, int], ...]]:
    """Publish what is staged; return what was done, and the rejects by rule.

    Raises:
        LakeError: nothing was published; the lake is as it was.
    """
    rejected = pl.read_parquet(context.staging / "rejected.parquet")
    validations = pl.read_parquet(context.staging / "validations.parquet")
    con = open_staged(context, dumps)
    try:
        late = _audit_rejects(con, context, rejected)
        staged = con.sql("select * from staged_rejects").pl().cast(REJECTS)
        rejects = pl.concat([staged, late]).with_columns(
            run_id=pl.lit(context.run_id), status=pl.lit("open")
        )
        if late.height:
            con.register("late_counts", late.group_by("dump_id").len("late"))
            con.execute(
                "update staged_dumps set n_rejects = n_rejects + late_counts.late"
                " from late_counts where staged_dumps.dump_id = late_counts.dump_id"
            )
        row = run_row(
            context,
            PUBLISHED,
            n_records=int(dumps.filter(status="published")["n_records"].sum()),
            n_rejects=rejects.height,
            n_warnings=n_warnings,
        )
        published = publish_staged(con, context, row, rejects, validations)
    finally:
        con.close()
    by_rule = rejects.group_by("rule").len().sort(["len", "rule"], descending=[True, False])
    return published, tuple((rule, count) for rule, count in by_rule.iter_rows())

"""Audit what is staged, and keep the verdict beside it for the publication."""

import threading
from dataclasses import dataclass

import duckdb
import polars as pl

from marsad.audit.run import OnRejected, ignore_rejected
from marsad.audit.run import audit as run_audit
from marsad.audit.run import prepare as load_great_expectations
from marsad.dumps.plan import Plan
from marsad.lake.staged import parts
from marsad.night.context import RunContext
from marsad.night.sharing import gather
from marsad.schema import STAGED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit decided.

    Attributes:
        blocked: one line for each critical rule over the batch that failed.
        warnings: one line for each rule of severity warning that failed.
        n_rejected: pages that rules of severity critical over rows threw out.
    """

    blocked: tuple[str, ...]
    warnings: tuple[str, ...]
    n_rejected: int


def prepare() -> None:
    """Begin to import Great Expectations, which costs seconds, while others parse."""
    threading.Thread(target=load_great_expectations, name="load-audit", daemon=True).start()


def run_dumps(context: RunContext, plan: Plan) -> pl.DataFrame:
    """Gather what workers staged; return the rows of `ops.dumps` of this run.

    They say what was read, and what could not be.
    """
    gather(context, STAGED)
    counts = (
        pl.read_parquet(parts(context.staging, "dump_counts"))
        .group_by("dump_id")
        .agg(
            pl.col("n_records").sum(),
            pl.col("n_rejects").sum(),
            pl.col("error").drop_nulls().sort().first(),
        )
    )
    return (
        plan.dumps.filter(pl.col("status") != "skipped")
        .join(counts, on="dump_id", how="left")
        .with_columns(
            # What broke before a record was read does not name its file yet.
            error=pl.coalesce(pl.concat_str("uri", "problem", separator=": "), "error")
        )
        .select(
            "dump_id",
            "uri",
            "format",
            "n_bytes",
            "sha256",
            pl.col("n_records").fill_null(0),
            pl.col("n_rejects").fill_null(0),
            run_id=pl.lit(context.run_id),
            status=pl.when(pl.col("error").is_null())
            .then(pl.lit("published"))
            .otherwise(pl.lit("failed")),
            error="error",
        )
    )


def audit(
    context: RunContext,
    con: duckdb.DuckDBPyConnection,
    on_rejected: OnRejected = ignore_rejected,
) -> Verdict:
    """Run the suites over what is staged; write the verdict to the staging folder.

    Args:
        context: the run.
        con: of `open_staged`; the audit works over a connection of its own to the same engine.
        on_rejected: called before the audit is done. What it begins may read what is staged, and
            write to the lake what no other connection sees.
    """
    settings = context.settings
    suites = [settings.expectations]
    if settings.user_expectations is not None:
        suites.append(settings.user_expectations)

    def keep(rejected: pl.DataFrame) -> None:
        rejected.write_parquet(context.staging / "rejected.parquet")
        on_rejected(rejected)

    own = con.cursor()
    try:
        own.execute("use memory.main")
        result = run_audit(
            own,
            run_id=context.run_id,
            suites=suites,
            docs_dir=context.docs_dir,
            kind=context.kind,
            on_rejected=keep,
        )
    finally:
        own.close()
    result.validations.write_parquet(context.staging / "validations.parquet")
    return Verdict(result.blocked, result.warnings, result.rejected["page_id"].n_unique())

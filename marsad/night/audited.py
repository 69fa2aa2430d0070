"""Audit what is staged, and keep the verdict beside it for the publication."""

import threading
from dataclasses import dataclass

import duckdb
import polars as pl

from marsad.audit.run import audit as run_audit
from marsad.audit.run import prepare as load_great_expectations
from marsad.dumps.plan import Plan
from marsad.lake.connect import attach, connect
from marsad.lake.migrate import migrate
from marsad.lake.staged import parts, register
from marsad.night.context import RunContext
from marsad.night.sharing import gather
from marsad.night.workers import dismiss_workers
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


def open_staged(context: RunContext, dumps: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a connection with the lake, migrated, and the run's staged relations."""
    con = connect(temp=context.staging / "spill")
    try:
        memory = context.settings.engine_memory_bytes
        con.execute(f"set memory_limit = '{memory}B'")
        # Blocks that one statement is done with are kept for the next: to give them back to the
        # system took a twelfth of the time of a publication.
        con.execute(f"set block_allocator_memory = '{memory // 2}B'")
        attach(con, context.settings.place, read_only=False)
        migrate(con, context.settings.sql)
        # Staged relations are made in memory; the lake is named in full.
        con.execute("use memory.main")
        register(con, context.staging, dumps)
    except BaseException:
        con.close()
        raise
    return con


def audit(context: RunContext, dumps: pl.DataFrame) -> Verdict:
    """Run the suites over what is staged; write the verdict to the staging folder."""
    settings = context.settings
    # From here on DuckDB works alone, and may have the memory that they hold.
    dismiss_workers()
    suites = [settings.expectations]
    if settings.user_expectations is not None:
        suites.append(settings.user_expectations)
    con = open_staged(context, dumps)
    try:
        result = run_audit(
            con,
            run_id=context.run_id,
            suites=suites,
            docs_dir=context.docs_dir,
            kind=context.kind,
        )
    finally:
        con.close()
    result.validations.write_parquet(context.staging / "validations.parquet")
    result.rejected.write_parquet(context.staging / "rejected.parquet")
    return Verdict(result.blocked, result.warnings, result.rejected["page_id"].n_unique())

"""Publish a run: written while the audit still judges it, committed once it has passed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

import duckdb
import polars as pl

from marsad.dumps.read import fetch_raw
from marsad.ids import hash_id
from marsad.lake.publish import Published, Settlement
from marsad.lake.publish import publish as publish_lake
from marsad.night.context import RunContext
from marsad.night.ends import run_row
from marsad.night.opened import open_staged
from marsad.night.summary import PUBLISHED
from marsad.schema import REJECTS

#: What was published, and the rejects by rule, most first.
Done: TypeAlias = tuple[Published, tuple[tuple[str, int], ...]]


#: Seconds that a statement of a blocked night may take to its end. What is written while it is
#: audited fits into memory twice over; the slowest takes three seconds a gigabyte of pages.
_PATIENCE: Final = 30


class _AbandonedError(Exception):
    """The run ends without a publication."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the whole audit said."""

    n_warnings: int
    validations: pl.DataFrame


class Publication:
    """What a run publishes. Made by `open_publication`.

    Attributes:
        con: the lake with the staged tables.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        context: RunContext,
        dumps: pl.DataFrame,
        threads: ThreadPoolExecutor,
    ) -> None:
        """Nothing is written yet."""
        self.con = con
        self._context = context
        self._dumps = dumps
        self._threads = threads
        self._said: Future[_Said] = Future()
        self._done: Future[Done] | None = None

    def begin(self, rejected: pl.DataFrame) -> None:
        """Begin to write all but these pages, where no other connection sees it.

        That of a night that is large beside what the engine may hold waits for the audit: each of
        them may need as much as was staged.

        Args:
            rejected: pages that the audit throws out, as in `marsad.audit.run.REJECTED`.
        """
        staged = sum(path.stat().st_size for path in self._context.staging.glob("*/*.parquet"))
        if 2 * staged <= self._context.settings.engine_memory_bytes:
            self._write(rejected)

    def commit(self, n_warnings: int) -> Done:
        """Write what is not written yet, and publish all of it: the audit passed the night.

        Args:
            n_warnings: how many rules of severity warning failed.

        Raises:
            LakeError: nothing was published; the lake is as it was.
        """
        staging = self._context.staging
        validations = pl.read_parquet(staging / "validations.parquet")
        if self._done is None:
            self._write(pl.read_parquet(staging / "rejected.parquet"))
        assert self._done is not None
        self._said.set_result(_Said(n_warnings, validations))
        return self._done.result()

    def abandon(self, patience: float = 0) -> None:
        """Take back what is not committed.

        Args:
            patience: seconds for the statement that runs to end by itself. Interrupted, it leaves
                the file that it was writing, as a run does that is killed.
        """
        if self._done is None:
            return
        if not self._said.done():
            self._said.set_exception(_AbandonedError())
        wait([self._done], timeout=patience)
        # Now and again, for between two statements there is nothing to interrupt.
        while not self._done.done():
            self.con.interrupt()
            wait([self._done], timeout=0.05)

    def _write(self, rejected: pl.DataFrame) -> None:
        self._done = self._threads.submit(
            _publish, self.con, self._context, self._dumps, rejected, self._said
        )


@contextmanager
def open_publication(context: RunContext, dumps: pl.DataFrame) -> Iterator[Publication]:
    """Open the lake with what is staged; what is not committed when the block ends is taken back.

    Args:
        context: the run; its workers are dismissed.
        dumps: rows of `ops.dumps` of this run.
    """
    with (
        open_staged(context, dumps) as con,
        ThreadPoolExecutor(1, thread_name_prefix="publication") as threads,
    ):
        publication = Publication(con, context, dumps, threads)
        try:
            yield publication
        except BaseException:
            publication.abandon()
            raise
        publication.abandon(_PATIENCE)


def _publish(
    con: duckdb.DuckDBPyConnection,
    context: RunContext,
    dumps: pl.DataFrame,
    rejected: pl.DataFrame,
    said: "Future[_Said]",
) -> Done:
    """Write all, wait for what the audit says, and commit."""
    late = _audit_rejects(con, context, rejected)
    staged = con.sql("select * from staged_rejects").pl().cast(REJECTS)
    rejects = pl.concat([staged, late]).with_columns(
        run_id=pl.lit(context.run_id), status=pl.lit("open")
    )

    def settle() -> Settlement:
        verdict = said.result()
        row = run_row(
            context,
            PUBLISHED,
            n_records=int(dumps.filter(status="published")["n_records"].sum()),
            n_rejects=rejects.height,
            n_warnings=verdict.n_warnings,
        )
        return Settlement(row, rejects, verdict.validations)

    def proceed() -> None:
        if said.done():
            said.result()  # raises, if the run has ended

    published = publish_staged(con, context, settle, proceed)
    by_rule = rejects.group_by("rule").len().sort(["len", "rule"], descending=[True, False])
    return published, tuple((rule, count) for rule, count in by_rule.iter_rows())


def publish_staged(
    con: duckdb.DuckDBPyConnection,
    context: RunContext,
    settle: Callable[[], Settlement],
    proceed: Callable[[], None] = lambda: None,
) -> Published:
    """Publish what `open_staged` opened, within what the run may hold.

    Args:
        con: the lake with the staged tables.
        context: the run.
        settle: as for `marsad.lake.publish.publish`.
        proceed: the same.

    Raises:
        LakeError: nothing was published; the lake is as it was.
    """
    return publish_lake(
        con,
        context.settings.sql,
        settle,
        scratch=context.staging / "signatures",
        memory=context.settings.engine_memory_bytes,
        proceed=proceed,
    )


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

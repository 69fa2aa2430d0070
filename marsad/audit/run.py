"""The audit of one night: every suite over the staged tables and the lake, before publication."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import duckdb
import polars as pl

from marsad.audit.deferred import deferred
from marsad.audit.report import Finding, judged, skipped, throw_out, unjudged
from marsad.audit.suites import Rule, Suite, load_suites

if TYPE_CHECKING:  # importing them for real imports Great Expectations
    from marsad.audit.site import SuitePage
    from marsad.audit.validate import Judge

#: Columns of `ops.validations`.
VALIDATIONS = pl.Schema(
    {
        "run_id": pl.String(),
        "suite": pl.String(),
        "expectation": pl.String(),
        "severity": pl.String(),
        "success": pl.Boolean(),
        "n_checked": pl.Int64(),
        "n_unexpected": pl.Int64(),
        "observed": pl.String(),
        "description": pl.String(),
    }
)

#: Pages that a row rule throws out: one row for each page and rule.
REJECTED = pl.Schema({"page_id": pl.String(), "rule": pl.String(), "detail": pl.String()})

#: Hears which pages the audit throws out, as in `REJECTED`.
OnRejected: TypeAlias = Callable[[pl.DataFrame], None]


def ignore_rejected(_: pl.DataFrame) -> None:
    """Wait with whatever follows until the audit is done."""


@dataclass(frozen=True)
class AuditResult:
    """What the audit found.

    Attributes:
        validations: one row an expectation, in the columns of `ops.validations`.
        blocked: one line for each critical batch rule that failed; not empty: do not publish.
        warnings: one line for each warning.
        rejected: pages that critical row rules throw out, with the rule and what was found. A
            page stands there once for each rule it breaks. The text of an article that other
            pages share may be staged under such a page: it belongs to them as well.
    """

    validations: pl.DataFrame
    blocked: tuple[str, ...]
    warnings: tuple[str, ...]
    rejected: pl.DataFrame


def prepare() -> None:
    """Import Great Expectations, which takes seconds: call it early, in a thread.

    Its telemetry is switched off before, and stays off. What it imports for expectations of
    statistics, for charts and for S3 waits until somebody asks for it: it takes half as long then.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    if "marsad.audit.validate" in sys.modules:
        return
    # Hundreds of thousands of objects come to stay. To look through them for garbage again and
    # again took a fifth of the time, and as much of each suite's later on.
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        with deferred("scipy.stats", "altair", "boto3"):
            import marsad.audit.validate  # noqa: F401
        gc.freeze()
    finally:
        if is_collecting:
            gc.enable()


def audit(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    suites: Sequence[Path],
    docs_dir: Path | None,
    kind: str = "nightly",
    on_rejected: OnRejected = ignore_rejected,
) -> AuditResult:
    """Judge a night.

    Temporary relations named `audit_…` are made on the connection, and dropped again.

    Args:
        con: an open connection, with the lake attached as `lake` and a view `staged_<table>` for
            each table of `marsad.schema.STAGED`, and `staged_dumps` with the columns of
            `ops.dumps`.
        run_id: the run that is judged.
        suites: folders of suites, the shipped one first; see `marsad.audit.suites.load_suites`.
        docs_dir: where the Data Docs stand and this run is to be added; null writes none.
        kind: of the run, as in `ops.runs.kind`: some rules are about nights alone.
        on_rejected: hears which pages are thrown out, as `AuditResult.rejected` has them. Suites
            that may throw any out are judged first, and it is called before all others are.

    Raises:
        ConfigError: a suite is none; nothing was judged.
    """
    loaded = load_suites(suites)
    prepare()
    from marsad.audit.site import add_run
    from marsad.audit.validate import Judge

    # Those that are told of the pages that are thrown out come last, whatever they throw out.
    order = sorted(loaded, key=lambda suite: (suite.after_rows, not suite.may_reject))
    n_first = max((n for n, suite in enumerate(order, start=1) if suite.may_reject), default=0)
    judgements: dict[str, _Judgement] = {}
    con.execute(
        "create or replace temp table audit_rejected "
        "(page_id varchar, rule varchar, detail varchar)"
    )
    with Judge(con) as judge:
        for suite in order[:n_first]:
            judgements[suite.name] = _judge(con, judge, suite, kind)
        rejected = pl.DataFrame(
            con.sql("from audit_rejected order by page_id, rule"), schema=REJECTED
        )
        on_rejected(rejected)
        for suite in order[n_first:]:
            judgements[suite.name] = _judge(con, judge, suite, kind)
    for suite in loaded:
        con.execute(f"drop table if exists audit_{suite.name}")
    con.execute("drop table audit_rejected")
    in_order = [judgements[suite.name] for suite in loaded]
    findings = [finding for judgement in in_order for finding in judgement.findings]
    outcome = AuditResult(
        validations=pl.DataFrame(
            [each.row(run_id) for each in findings], schema=VALIDATIONS, orient="row"
        ),
        blocked=tuple(each.line for each in findings if each.blocks),
        warnings=tuple(each.line for each in findings if each.warns),
        rejected=rejected,
    )
    if docs_dir is not None:
        pages = [judgement.page for judgement in in_order if judgement.page is not None]
        add_run(docs_dir, run_id, pages, findings, rejected["page_id"].n_unique())
    return outcome


class _Judgement(NamedTuple):
    """What was found of a suite, and its page of the Data Docs if anything was judged."""

    findings: list[Finding]
    page: "SuitePage | None"


def _judge(con: duckdb.DuckDBPyConnection, judge: "Judge", suite: Suite, kind: str) -> _Judgement:
    """Judge one suite; put the pages that it throws out into `audit_rejected`."""
    from marsad.audit.site import SuitePage

    relation = f"audit_{suite.name}"
    due = [rule for rule in suite.rules if kind not in rule.skipped_in]
    findings = [
        skipped(suite, rule, f"not judged in a {kind}") for rule in suite.rules if rule not in due
    ]
    if not due:
        return _Judgement(findings, None)
    try:
        con.execute(f"create or replace temp table {relation} as\n{suite.batch}")
    except duckdb.Error as error:
        return _Judgement([*findings, *(unjudged(suite, rule, str(error)) for rule in due)], None)
    rules = tuple(_ready(con, rule) for rule in due)
    usable = tuple(rule for rule in rules if rule is not None)
    result, verdicts = judge.judge(suite, usable, relation)
    found = [judged(con, suite, rule, verdicts[rule.name]) for rule in usable]
    throw_out(con, [each for each in found if each.rejects])
    findings += found
    findings += [
        skipped(suite, rule, f"there is no macro {rule.needs} here")
        for rule, ready in zip(due, rules, strict=True)
        if ready is None
    ]
    return _Judgement(findings, SuitePage(suite, result, tuple(found)))


def _ready(con: duckdb.DuckDBPyConnection, rule: Rule) -> Rule | None:
    """The rule with the macro it needs by its full name; null where there is no such macro."""
    if rule.needs is None or rule.query is None:
        return rule
    row = con.execute(
        "select database_name, schema_name from duckdb_functions() where function_name = ? "
        "order by all limit 1",
        [rule.needs],
    ).fetchone()
    if row is None:
        return None
    name = ".".join(f'"{part}"' for part in (*row, rule.needs))
    query = rule.query.replace("{" + rule.needs + "}", name)
    return replace(rule, kwargs={**rule.kwargs, "unexpected_rows_query": query})

"""What the audit found of each rule, in figures and in one line for a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from marsad.audit.suites import Rule, Suite

if TYPE_CHECKING:  # importing it for real imports Great Expectations
    from marsad.audit.validate import Verdict

#: How many examples a line names.
EXAMPLES: Final = 3
#: Longest example; titles and names in it come from the pages.
EXAMPLE_CHARS: Final = 160

_BREAKING = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule in one run, as `ops.validations` keeps it."""

    suite: Suite
    rule: Rule
    success: bool
    n_checked: int | None
    n_unexpected: int | None
    observed: str

    @property
    def blocks(self) -> bool:
        """Whether the night must not be published."""
        critical = self.rule.severity == "critical"
        return not self.success and critical and (self.rule.scope == "batch" or not self._counted)

    @property
    def rejects(self) -> bool:
        """Whether the pages that it found are to be thrown out."""
        return not self.success and self._counted and self.rule.may_reject

    @property
    def warns(self) -> bool:
        """Whether a person should hear of it, though the night is published."""
        return not self.success and self.rule.severity == "warning"

    @property
    def _counted(self) -> bool:
        """Whether the rule could be evaluated."""
        return self.n_unexpected is not None

    @property
    def line(self) -> str:
        """Table, rule, what should hold, what was found."""
        return f"{self.rule.over}: {self.rule.name}: {self.observed} ({self.rule.description})"

    def row(self, run_id: str) -> tuple[str | int | bool | None, ...]:
        """A row of `ops.validations`."""
        return (
            run_id,
            self.suite.name,
            self.rule.name,
            self.rule.severity,
            self.success,
            self.n_checked,
            self.n_unexpected,
            self.observed,
            self.rule.description,
        )


def judged(con: duckdb.DuckDBPyConnection, suite: Suite, rule: Rule, verdict: "Verdict") -> Finding:
    """Put figures and examples to a verdict."""
    n_checked = verdict.n_checked
    n_unexpected = verdict.n_unexpected
    if verdict.error is not None:
        return Finding(
            suite, rule, False, n_checked, None, f"cannot be judged: {clean(verdict.error)}"
        )
    examples = ""
    if n_checked is None:
        relation = f"audit_{suite.name}" if rule.over == suite.over else rule.over
        n_checked = _number(con, f"select count(*) from {relation}")
    if rule.query is not None:
        n_unexpected = int(verdict.value or 0)
        examples = "" if verdict.success else _examples(con, suite, rule.query)
    elif n_unexpected is not None:
        examples = _listed(verdict.examples)
    else:
        n_unexpected = 0 if verdict.success else 1
        examples = f"found {verdict.value}"
    if rule.observed is not None:
        observed = clean(str(_value(con, _over(rule.observed, suite))))
    else:
        observed = f"{n_unexpected:,} of {n_checked:,} rows"
    if not verdict.success and examples:
        observed = examples if rule.observed is not None else f"{observed}: {examples}"
    return Finding(suite, rule, verdict.success, n_checked, n_unexpected, observed)


def unjudged(suite: Suite, rule: Rule, reason: str) -> Finding:
    """A rule whose relation could not be read: that is a failure, never a success."""
    return Finding(suite, rule, False, None, None, f"cannot be judged: {clean(reason)}")


def skipped(suite: Suite, rule: Rule, reason: str) -> Finding:
    """A rule that has nothing to judge here."""
    return Finding(suite, rule, True, 0, 0, f"skipped: {reason}")


def throw_out(con: duckdb.DuckDBPyConnection, findings: list[Finding]) -> None:
    """Put the pages that row rules found into `audit_rejected`, without a detour by Python."""
    for each in findings:
        query = _over(each.rule.query or "", each.suite)
        con.execute(
            "insert into audit_rejected by name "
            f"select page_id, ? as rule, min({_detail(con, query)}) as detail\n"
            f"from (\n{query}\n) as found where page_id is not null group by page_id",
            [each.rule.name],
        )


def clean(text: str) -> str:
    """One line, without what would break or colour a terminal."""
    return _BREAKING.sub(" ", text).strip()


def _examples(con: duckdb.DuckDBPyConnection, suite: Suite, query: str) -> str:
    """The first few rows of a query in its own words, else by page."""
    query = _over(query, suite)
    rows = con.execute(
        f"select {_detail(con, query)} as detail from (\n{query}\n) as found "
        f"group by all order by detail limit {EXAMPLES + 1}"
    ).fetchall()
    return _listed([str(row[0]) for row in rows])


def _listed(texts: Sequence[str]) -> str:
    """The first few of some texts, in one line."""
    shown = [clean(text)[:EXAMPLE_CHARS] for text in texts[:EXAMPLES]]
    return "; ".join(shown) + ("; …" if len(texts) > EXAMPLES else "")


def _detail(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """The expression that describes a row: its detail if it has one, else its first column."""
    columns = con.execute(f"select * from (\n{query}\n) as found limit 0").description
    names = [column[0] for column in columns]
    return "detail" if "detail" in names else '"' + names[0].replace('"', '""') + '"::varchar'


def _over(query: str, suite: Suite) -> str:
    """Fill in what Great Expectations fills in: the relation, and braces written twice."""
    return query.format(batch=f"audit_{suite.name}")


def _value(con: duckdb.DuckDBPyConnection, query: str) -> object:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(str(_value(con, query)))

"""One suite, judged by Great Expectations over a relation in DuckDB.

Importing this module imports Great Expectations: see `marsad.audit.run`.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.validator.v1_validator import Validator

from marsad.audit.counted import CountedRowsExpectation
from marsad.audit.datasource import URL, DuckDBDatasource
from marsad.audit.suites import SQL_RULE, Rule, Suite
from marsad.errors import ConfigError

#: What Great Expectations calls the expectation that judges rules in SQL here.
_COUNTED = CountedRowsExpectation.expectation_type

# Its modules set levels of their own, and what they have to say is in the results.
logging.getLogger("great_expectations").propagate = False
logging.getLogger("great_expectations").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Great Expectations says of one rule.

    Attributes:
        success: whether it holds.
        n_checked: rows looked at, where Great Expectations counts them.
        n_unexpected: rows that break it, where they are counted.
        value: what was found instead, for expectations over the whole relation.
        error: one line, if the rule could not be evaluated at all.
        examples: some of the values that break it, where Great Expectations gives any.
    """

    success: bool
    n_checked: int | None
    n_unexpected: int | None
    value: str | None
    error: str | None
    examples: tuple[str, ...]


class Judge:
    """Judges suites over the relations of one open connection. Use as a context manager."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def __enter__(self) -> "Judge":
        """Build a context that writes nothing anywhere."""
        DuckDBDatasource.lend(self._con)
        context = gx.get_context(mode="ephemeral")
        assert isinstance(context, EphemeralDataContext)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._context = context
        # The method exists since the class was created, which no type checker can know.
        self._source = context.data_sources.add_duckdb("marsad", connection_string=URL)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back."""
        self._source.get_execution_engine().engine.dispose()
        DuckDBDatasource.lend(None)

    def judge(
        self, suite: Suite, rules: tuple[Rule, ...], relation: str
    ) -> tuple[ExpectationSuiteValidationResult, dict[str, Verdict]]:
        """Judge some rules of a suite over a relation of the default schema.

        Returns:
            Great Expectations' own result, and the verdict by name of the rule.

        Raises:
            ConfigError: Great Expectations does not know an expectation, or not its arguments.
        """
        asset = self._source.add_table_asset(suite.name, table_name=relation)
        batch = asset.add_batch_definition_whole_table("all")
        built = gx.ExpectationSuite(
            name=suite.name, expectations=[_expectation(suite, rule) for rule in rules]
        )
        # SUMMARY: never every unexpected value, which would bring all bad rows into Python.
        result = Validator(batch, "SUMMARY").validate_expectation_suite(built)
        result.meta["run_id"] = RunIdentifier(run_time=datetime.now(UTC))
        verdicts = {}
        for each in result.results:
            config = each.expectation_config
            assert config is not None
            verdicts[config.meta["marsad"]["rule"]] = _verdict(each)
        return result, verdicts


def _expectation(suite: Suite, rule: Rule) -> Expectation:
    try:
        return ExpectationConfiguration(
            type=_COUNTED if rule.type == SQL_RULE else rule.type,
            kwargs=dict(rule.kwargs),
            meta={"marsad": {"rule": rule.name, "scope": rule.scope}},
            description=rule.description,
            severity=FailureSeverity(rule.severity),
        ).to_domain_obj()
    except Exception as error:  # noqa: BLE001  # whatever it raises, the file is at fault
        line = " ".join(str(error).split())
        raise ConfigError(f"suite {suite.name}, rule {rule.name}: {line}") from None


def _verdict(result: gx.core.ExpectationValidationResult) -> Verdict:
    facts = result.result
    raised = result.exception_info or {}
    # One exception, or several by the metric that raised it.
    nested = [each for each in raised.values() if isinstance(each, dict)]
    errors = [
        str(each.get("exception_message"))
        for each in [raised, *nested]
        if each.get("raised_exception")
    ]
    found = facts.get("observed_value")
    return Verdict(
        success=bool(result.success),
        n_checked=_whole(facts.get("element_count")),
        n_unexpected=_whole(facts.get("unexpected_count")),
        value=None if found is None else str(found),
        error=" ".join(errors[0].split()) if errors else None,
        examples=tuple(
            dict.fromkeys(str(value) for value in facts.get("partial_unexpected_list") or ())
        ),
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None

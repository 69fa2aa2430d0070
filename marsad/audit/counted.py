"""The expectation that most rules are: a query finds no row, which its number of rows tells.

Importing this module imports Great Expectations: see `marsad.audit.run`.
"""

from typing import Any, ClassVar, Final

from great_expectations.core.result_format import ResultFormat
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

#: Great Expectations' own: how many rows the query gives.
_COUNT: Final = "unexpected_rows_query.row_count"


class CountedRowsExpectation(UnexpectedRowsExpectation):
    """An `unexpected_rows_expectation` of which nothing is asked but the number of rows.

    Great Expectations runs each query twice, for its rows and for their number, and throws the rows
    away unless the result is to be COMPLETE, which nobody asks for here. And for each argument that
    a metric may have it writes its own configuration anew, sixty times a rule: here the two that
    there are are named.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

    def get_validation_dependencies(
        self,
        execution_engine: ExecutionEngine[Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """The one metric, over the batch at hand."""
        wanted = (runtime_configuration or {}).get("result_format", ResultFormat.SUMMARY)
        count = MetricConfiguration(
            metric_name=_COUNT,
            metric_domain_kwargs={"batch_id": self.batch_id},
            metric_value_kwargs={"unexpected_rows_query": self.unexpected_rows_query},
        )
        return ValidationDependencies(
            metric_configurations={_COUNT: count}, result_format=parse_result_format(wanted)
        )

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        n_rows: int = metrics[_COUNT]
        return {"success": n_rows == 0, "result": {"observed_value": n_rows}}

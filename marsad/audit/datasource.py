"""Great Expectations on a DuckDB connection that is already open.

Great Expectations has no DuckDB datasource, and its SQL engine closes the connection before it has
read the result, which duckdb-engine answers with `list index out of range`. Here one connection
stays open, and it is the caller's own: temporary views and attached databases are visible, and
nothing is begun, committed or closed behind the caller's back.

Importing this module imports Great Expectations, which costs seconds: `marsad.audit.run` does it
inside a function. The class must live in an importable module; creating it registers it, and
`context.data_sources.add_duckdb` exists from then on.
"""

import builtins
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal, TypeVar, cast

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper
from great_expectations.core.batch_definition import BatchDefinition, PartitionerT
from great_expectations.datasource.fluent.interfaces import DataAsset
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_function_partial import (  # noqa: E501
    multicolumn_function_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (  # noqa: E501
    MulticolumnMapMetricProvider,
)
from great_expectations.expectations.metrics.multicolumn_map_metrics import (
    compound_columns_unique as compound,
)
from sqlalchemy.pool import StaticPool

#: Where SQLAlchemy would connect to; the connection comes from the caller instead.
URL = "duckdb:///:memory:"

_Asset = TypeVar("_Asset", bound=DataAsset[Any, Any])


class BorrowedConnection(ConnectionWrapper):
    """A DuckDB connection whose transactions and whose life are its owner's business."""

    def begin(self) -> None:
        """Leave the owner's transaction as it is."""

    def commit(self) -> None:
        """Leave the owner's transaction as it is."""

    def rollback(self) -> None:
        """Leave the owner's transaction as it is."""

    def close(self) -> None:
        """Leave the owner's connection open."""


class Columns:
    """What Great Expectations asks of a database about a table, by one `describe`.

    SQLAlchemy's own inspector asks by a dozen joins over the catalog of PostgreSQL.
    """

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, str]]:
        """Name and type of each column."""
        name = self.dialect.identifier_preparer.quote(table_name)
        with self._engine.connect() as connection:
            rows = connection.execute(sqlalchemy.text(f"describe {name}")).fetchall()
        return [{"name": row[0], "type": row[1]} for row in rows]

    def get_pk_constraint(self, table_name: str, schema: str | None = None) -> dict[str, list[str]]:
        """None: the lake has no primary keys, and staged relations have none either."""
        return {}


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Reads every result while the connection that gave it is still open."""

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """Give the one connection, and keep it."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def get_inspector(self) -> sqlalchemy.Inspector:
        """What knows the columns of a relation."""
        return cast("sqlalchemy.Inspector", Columns(self.engine))


class CompoundCounts(MulticolumnMapMetricProvider):
    """How often the values of some columns stand together, for each row of a relation.

    Great Expectations groups the rows and joins them with their groups, once to count and once for
    examples. Where no two rows are alike, which is nearly always, one look says so of all.
    """

    function_metric_name = compound.CompoundColumnsUnique.function_metric_name
    condition_domain_keys = compound.CompoundColumnsUnique.condition_domain_keys

    @multicolumn_function_partial(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(
        cls, column_list: list[sqlalchemy.ColumnClause[object]], **given: Any
    ) -> sqlalchemy.FromClause:
        # Nulls are alike here, and are not where rows are joined: then too the long way decides.
        alike = (
            sqlalchemy.select(sqlalchemy.literal(1))
            .select_from(given["_table"])
            .group_by(*column_list)
            .having(sqlalchemy.func.count() > 1)
            .limit(1)
        )
        with given["_sqlalchemy_engine"].connect() as connection:
            found = connection.execute(alike).first()
        if found is not None:
            counts: sqlalchemy.FromClause = _counts_by_joining(cls, column_list, **given)
            return counts
        names: list[str] = given["_table_columns"]
        return (
            sqlalchemy.select(
                *(sqlalchemy.column(name) for name in names),
                sqlalchemy.literal(1).label("_num_rows"),
            )
            .select_from(given["_table"])
            .alias("records_with_grouped_column_counts_subquery")
        )


#: What Great Expectations does in any other database.
_counts_by_joining = inspect.unwrap(compound.CompoundColumnsUnique._sqlalchemy_function)


class DuckDBDatasource(SQLDatasource):
    """The datasource `duckdb`; `lend` says over which connection the next one works."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    #: The model is a pydantic one, copied and compared by value: no place for a connection.
    lent: ClassVar[duckdb.DuckDBPyConnection | None] = None

    @classmethod
    def lend(cls, con: duckdb.DuckDBPyConnection | None) -> None:
        """Work over this connection from now on; null takes it back."""
        cls.lent = con

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that keeps its connection open."""
        return DuckDBExecutionEngine

    def _create_engine(self) -> sqlalchemy.Engine:
        assert self.lent is not None, "lend a connection first"
        connection = BorrowedConnection(self.lent)
        return sqlalchemy.create_engine(URL, creator=lambda: connection, poolclass=StaticPool)

    def _add_asset(self, asset: _Asset, connect_options: dict[str, Any] | None = None) -> _Asset:
        """Keep an asset here, and nowhere else.

        Great Expectations asks whether its relation is there, and writes the configuration of the
        whole project anew, as YAML, for each; nobody reads it.
        """
        asset._datasource = self
        self.assets.append(asset)  # type: ignore[arg-type]
        return asset

    def add_batch_definition(
        self, batch_definition: BatchDefinition[PartitionerT]
    ) -> BatchDefinition[PartitionerT]:
        """Keep a batch definition with its asset, and nowhere else, for the same reason."""
        return batch_definition

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """The execution engine over the lent connection."""
        if self._execution_engine is None:
            # Relations are narrow and in memory already: no copy of each.
            self._execution_engine = DuckDBExecutionEngine(
                engine=self.get_engine(), create_temp_table=False
            )
        return self._execution_engine

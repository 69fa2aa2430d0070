"""What lies between two states of the lake: articles, keywords and links that came, changed, went.

DuckLake's change feed says which keys were written to; the two states say what became of them. So
the cost goes with what changed and not with the lake, and a row that was replaced by its like is no
change.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import polars as pl

from marsad.errors import LakeError
from marsad.lake.connect import CATALOG, first_line
from marsad.lake.runs import Run, require_snapshots, require_state


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of thing that is compared.

    Attributes:
        name: as people read it.
        table: its table of `news`.
        keys: columns that name a row.
        values: columns that a reader sees; what only the publication reads is no change.
        title: what a row is called, in SQL over the table.
    """

    name: str
    table: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    title: str


_KINDS: Final = (
    _Kind(
        "articles",
        "articles",
        ("article_id",),
        (
            "title",
            "lead",
            "body",
            "source_id",
            "published_at",
            "first_seen_at",
            "language",
            "keywords_raw",
        ),
        "title",
    ),
    _Kind(
        "keywords",
        "article_keywords",
        ("article_id", "keyword_id"),
        ("position", "n_occurrences", "confidence", "keyword_raw"),
        "keyword_raw",
    ),
    _Kind(
        "links",
        "related_links",
        ("page_id", "position"),
        ("article_id", "title", "url", "target_article_id", "match", "score"),
        "title",
    ),
)

#: What may be compared.
KINDS: Final = tuple(kind.name for kind in _KINDS)
#: What may have become of a row.
CHANGES: Final = ("new", "changed", "vanished")

#: Columns of `Diff.rows`.
ROWS: Final = pl.Schema(
    {
        "kind": pl.String(),
        "change": pl.String(),
        "source": pl.String(),
        "id": pl.String(),
        "article_id": pl.String(),
        "title": pl.String(),
        "columns": pl.List(pl.String()),
    }
)


@dataclass(frozen=True, slots=True)
class Diff:
    """What lies between two snapshots.

    Attributes:
        before: the earlier state in the caller's order, a snapshot.
        after: the later one.
        rows: one for each thing that came, changed or went: kind, change, source (null: none),
            id (the key; its parts joined by a space), article_id, title, and the columns that
            changed.
    """

    before: int
    after: int
    rows: pl.DataFrame

    def by_source(self) -> pl.DataFrame:
        """Count by source: one column for each kind and change, the most changes first."""
        counts = {
            f"{kind} {change}": ((pl.col("kind") == kind) & (pl.col("change") == change)).sum()
            for kind in KINDS
            for change in CHANGES
        }
        return (
            self.rows.group_by("source")
            .agg(**counts)
            .sort(pl.sum_horizontal(*counts), "source", descending=[True, False], nulls_last=True)
        )

    def changed_columns(self) -> pl.DataFrame:
        """Count the changed rows of each kind by column: kind, column, n."""
        return (
            self.rows.filter(change="changed")
            .select("kind", pl.col("columns").alias("column"))
            .explode("column")
            .group_by("kind", "column")
            .agg(n=pl.len())
            .sort("kind", "n", "column", descending=[False, True, False])
        )


def diff_runs(con: duckdb.DuckDBPyConnection, run: Run, other: Run | None) -> Diff:
    """Compare the lake before and after a run, or after one run and after another.

    Args:
        con: a connection with the lake attached.
        run: the run; with `other` the one to compare from.
        other: the run to compare to; None: what `run` itself changed.

    Raises:
        LakeError: a run published nothing, or its state is no longer kept.
    """
    state = require_state(con, run)
    if other is not None:
        return diff(con, state, require_state(con, other))
    if run.snapshot_id is None:
        return Diff(state, state, ROWS.to_frame())
    require_snapshots(con, run, [run.snapshot_id - 1])
    return diff(con, run.snapshot_id - 1, run.snapshot_id)


def diff(con: duckdb.DuckDBPyConnection, before: int, after: int) -> Diff:
    """Compare two snapshots; `before` may be the later one, and then what came has gone.

    Raises:
        LakeError: the change feed cannot be read.
    """
    if before == after:
        return Diff(before, after, ROWS.to_frame())
    try:
        frames = [con.sql(_query(kind, before, after)).pl().cast(ROWS) for kind in _KINDS]
    except duckdb.Error as error:
        raise LakeError(
            f"snapshots {before} and {after} cannot be compared: {first_line(error)}"
        ) from error
    return Diff(before, after, pl.concat(frames))


def _query(kind: _Kind, before: int, after: int) -> str:
    """Return the query for the rows of one kind."""
    first, last = min(before, after) + 1, max(before, after)
    keys = ", ".join(kind.keys)
    columns = ", ".join(dict.fromkeys((*kind.keys, "article_id", *kind.values)))
    parts = (f"coalesce(after.{key}, before.{key})::varchar" for key in kind.keys)
    identity = " || ' ' || ".join(parts)
    on = " and ".join(f"before.{key} = after.{key}" for key in kind.keys)
    changed = ", ".join(
        f"if(before.{value} is distinct from after.{value}, '{value}', null)"
        for value in kind.values
    )

    def state(name: str, snapshot: int) -> str:
        return (
            f"{name} as (select {columns} from {CATALOG}.news.{kind.table}"
            f" at (version => {snapshot}) where ({keys}) in (select ({keys}) from touched))"
        )

    def sources(name: str, snapshot: int) -> str:
        # Of articles that are there, and whose source the lake names.
        return (
            f"{name} as (select articles.article_id, sources.name"
            f" from (from {CATALOG}.news.articles at (version => {snapshot})) as articles"
            f" left join (from {CATALOG}.news.sources at (version => {snapshot})) as sources"
            " on articles.source_id = sources.source_id"
            " where articles.article_id in"
            " (select article_id from before union select article_id from after))"
        )

    return f"""
        with touched as (
            select distinct {keys}
            from ducklake_table_changes('{CATALOG}', 'news', '{kind.table}', {first}, {last})
        ),

        {state("before", before)},

        {state("after", after)},

        {sources("sources_before", before)},

        {sources("sources_after", after)},

        compared as (
            select
                {identity} as id,
                coalesce(after.article_id, before.article_id) as article_id,
                coalesce(after.{kind.title}, before.{kind.title}) as title,
                before.{kind.keys[0]} is null as is_new,
                after.{kind.keys[0]} is null as is_gone,
                list_filter([{changed}], lambda name: name is not null) as columns
            from before
            full join after on {on}
        )

        select
            '{kind.name}' as kind,
            case when is_new then 'new' when is_gone then 'vanished' else 'changed' end as change,
            coalesce(sources_after.name, sources_before.name) as source,
            compared.id,
            compared.article_id,
            compared.title,
            if(is_new or is_gone, [], compared.columns) as columns
        from compared
        left join sources_after on compared.article_id = sources_after.article_id
        left join sources_before on compared.article_id = sources_before.article_id
        where is_new or is_gone or len(compared.columns) > 0
        order by source, change, compared.id
        """

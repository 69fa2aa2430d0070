"""Replace the keywords of every article by those that a new model cuts, in one transaction."""

from dataclasses import replace
from pathlib import Path

import duckdb

from marsad.errors import LakeError
from marsad.lake.publish import Published, RunRow, check, commit_run


def publish_keywords(con: duckdb.DuckDBPyConnection, sql: Path, run: RunRow) -> Published:
    """Publish staged keywords of all articles; those that are as they were stay untouched.

    Args:
        con: a connection with the lake attached for writing, and the staged relations.
        sql: the folder that holds relearn/, publish/ and checks/.
        run: the run's row, without what only the publication can know.

    Raises:
        LakeError: a statement or a check failed; the lake is as it was.
    """

    def write() -> RunRow:
        for path in (
            *sorted((sql / "relearn").glob("*.sql")),
            sql / "publish" / "40_keywords.sql",
        ):
            con.execute(path.read_text("utf-8"))
        failed = check(con, sql)
        if failed:
            raise LakeError(f"nothing was published: {'; '.join(failed)}")
        row = con.execute("select count(*) from night_article_keywords").fetchone()
        return replace(run, n_article_keywords=0 if row is None else int(row[0]))

    return commit_run(con, write)

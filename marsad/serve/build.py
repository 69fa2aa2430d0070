"""Build the published file: the marts of sql/marts/ as tables, macros, and the search index.

The file is an ordinary DuckDB file in the storage format of DuckDB 1.0, which every later version
reads.
"""

from pathlib import Path
from typing import Final

import duckdb

from marsad.errors import ServeError
from marsad.serve.search import build_index

#: Name of the file that is being built in its connection; the checks name it so, too.
PUBLISHED: Final = "published"
#: The storage format: whoever has DuckDB 1.0 or newer can open the file.
STORAGE_VERSION: Final = "v1.0.0"


def build(
    con: duckdb.DuckDBPyConnection,
    sql: Path,
    spill: Path,
    *,
    threads: int,
    memory_bytes: int,
    bodies: bool = False,
) -> None:
    """Fill an empty file with everything that readers see, and check it.

    Args:
        con: a connection with the lake attached as `lake`, an empty file as `published`, and the
            extension `fts` loaded.
        sql: the folder that holds marts/, checks/marts/ and the macros.
        spill: a folder for what does not stay in memory.
        threads: how many may work at a time.
        memory_bytes: what the connection may hold.
        bodies: also make `article_texts`, the whole texts.

    Raises:
        ServeError: a check found rows, or the file is not what it must be.
        duckdb.Error: a statement failed.
    """
    con.execute(f"set memory_limit = '{memory_bytes}B'")
    con.execute(f"use {PUBLISHED}.main")
    con.execute((sql / "macros.sql").read_text("utf-8"))
    marts = sorted((sql / "marts").glob("*.sql"))
    if bodies:
        marts += sorted((sql / "marts" / "optional").glob("*.sql"))
    for path in marts:
        con.execute(path.read_text("utf-8"))
    # The index is made beside the connection, which leaves it half of its memory.
    con.execute(f"set memory_limit = '{memory_bytes // 2}B'")
    build_index(con, spill, threads)
    con.execute((sql / "published_macros.sql").read_text("utf-8"))
    failed = check(con, sql)
    if failed:
        raise ServeError(f"the published file was not replaced: {'; '.join(failed)}")


def check(con: duckdb.DuckDBPyConnection, sql: Path) -> tuple[str, ...]:
    """Run the checks of `sql`/checks/marts; return one line for each that finds rows."""
    failed = []
    for path in sorted((sql / "checks" / "marts").glob("*.sql")):
        row = con.execute(f"select count(*) from ({path.read_text('utf-8')})").fetchone()
        if row is None or row[0]:
            failed.append(f"check {path.stem} finds {row and row[0]} rows")
    return tuple(failed)

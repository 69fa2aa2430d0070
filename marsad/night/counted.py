"""What the lake has counted of keywords, as far as a night's lines can ask for it.

What is read grows with the night: the counts of the phrases and words that stand in its lines, and
totals over all others. The results are the same as if everything were read.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import duckdb

from marsad.lake.connect import CATALOG, lake_exists, open_lake
from marsad.lake.escape import literal
from marsad.lake.staged import parts
from marsad.night.context import RunContext
from marsad.night.sharing import gather, share_part, shared_part
from marsad.night.workers import each_in_worker
from marsad.parse.keywords.asked import asked_phrases, asked_words
from marsad.parse.keywords.counts import Counts, Totals
from marsad.schema import KEYWORD_PHRASES, KEYWORD_WORDS

#: Phrases that a line asks for, about. Of a lake with fewer rows than these all are read.
_PER_LINE: Final = 100
_ASKED: Final = ("asked_phrases", "asked_words")

_EVERY_PHRASE: Final = """
    select keyword_key, sum(n_delimited) as n_delimited, sum(n_expected) as n_expected
    from model.keyword_phrases
    group by keyword_key
"""
_EVERY_WORD: Final = "select word_key, sum(n) as n from model.keyword_words group by word_key"
# Of the lake's phrases only the hashes are read.
_ASKED_PHRASES: Final = """
    with counted as (
        select phrase_hash, sum(n_delimited) as n_delimited, sum(n_expected) as n_expected
        from model.keyword_phrases
        where phrase_hash in (select key_hash(keyword_key) from asked_phrases)
        group by phrase_hash
    )

    select
        any_value(keyword_key) as keyword_key,
        any_value(n_delimited) as n_delimited,
        any_value(n_expected) as n_expected
    from asked_phrases
    inner join counted on counted.phrase_hash = key_hash(asked_phrases.keyword_key)
    group by phrase_hash
"""
_ASKED_WORDS: Final = """
    select word_key, sum(n) as n
    from model.keyword_words
    where word_key in (select word_key from asked_words)
    group by word_key
"""


def read_counted(context: RunContext, names: Sequence[str], n_lines: int) -> Counts:
    """Read what the lake has counted.

    Args:
        context: the run.
        names: of the parts of `keyword_lines` that will be cut.
        n_lines: lines in them, about.
    """
    lake = context.settings.place
    if not names or not lake_exists(lake):
        return Counts.none()
    with open_lake(lake) as con:
        # A lake that an older Marsad wrote gets its totals when the night is published.
        has_totals = con.execute(
            "select count(*) > 0 from duckdb_tables() where database_name = $1"
            " and schema_name = 'model' and table_name = 'keyword_totals'",
            [CATALOG],
        ).fetchone() == (True,)
        n_rows = con.execute("select count(*) from model.keyword_phrases").fetchone()
        if not has_totals or (n_rows is not None and n_rows[0] < _PER_LINE * n_lines):
            return _read(con, _EVERY_PHRASE, _EVERY_WORD)
        list(each_in_worker(partial(_ask, context.for_workers()), names))
        gather(context, _ASKED)
        for table in _ASKED:
            path = literal(parts(context.staging, table))
            con.execute(f"create temp view {table} as from read_parquet({path})")
        counts = _read(con, _ASKED_PHRASES, _ASKED_WORDS)
        total = con.execute(
            "select sum(n_phrases), sum(n_rare), sum(n_words), sum(n_distinct_words)"
            " from model.keyword_totals"
        ).fetchone()
    assert total is not None
    rest = Totals(*(int(n or 0) for n in total)) - counts.totals()
    return Counts(counts.phrases, counts.words, rest)


def _read(con: duckdb.DuckDBPyConnection, phrases: str, words: str) -> Counts:
    """Read phrases and words by these queries."""
    return Counts(
        con.sql(phrases).pl().cast(KEYWORD_PHRASES), con.sql(words).pl().cast(KEYWORD_WORDS)
    )


def _ask(context: RunContext, name: str) -> None:
    """Write what the lines of one part ask for, in a worker."""
    lines = shared_part(context, "keyword_lines", name)
    for table, found in zip(_ASKED, (asked_phrases(lines), asked_words(lines)), strict=True):
        share_part(context, table, name, found.to_frame())

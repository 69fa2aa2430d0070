"""The full-text index of the published file: stemmed words of title, keywords and lead, by BM25.

DuckDB's own `fts` index needs its extension wherever it is read. Here the extension's Arabic
stemmer is used while building, and what is left are two plain tables that any DuckDB reads: every
printed word with the number of its stem, and for every stem the articles with their scores.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from marsad.serve.postings import count_postings, read_pieces, write_scores

# Folding goes by the single character, and a space stays one. So the folded words of a text are
# those of its pieces between spaces, of which there are few different ones: each is folded once.
_FOLDED: Final = """
create temp table folded as
select piece, unnest(string_split(fold_ar(piece), ' ')) as word
from (select distinct piece from pieces)
"""

#: A folded word ends in ه where print has ة, which is what the stemmer knows endings by.
_STEMMED: Final = """
create temp table stemmed as
select word, stem(regexp_replace(word, 'ه$', 'ة'), 'arabic') as term
from (select distinct word from folded where word <> '')
"""

_WORDS: Final = """
create table search.words as
with terms as (
    select term, row_number() over (order by term)::integer as term_no
    from (select distinct term from stemmed)
)
select stemmed.word, terms.term_no
from stemmed inner join terms on stemmed.term = terms.term
order by stemmed.word
"""

_PIECE_TERMS: Final = """
select folded.piece, words.term_no
from folded inner join search.words as words on folded.word = words.word
"""

_POSTINGS: Final = (
    "create table search.postings (term_no integer, article_no integer, score integer)"
)

_COMMENTS: Final = (
    "comment on table search.words is 'One row for each folded word of a title, lead or keyword,"
    " with its stem: what search_articles looks words up in.'",
    "comment on column search.words.word is 'The word, see fold_ar.'",
    "comment on column search.words.term_no is 'Number of its stem in this file.'",
    "comment on table search.postings is 'One row for each article and each stem that it has.'",
    "comment on column search.postings.term_no is 'The stem, see search.words.'",
    "comment on column search.postings.article_no is 'The article, see articles.'",
    "comment on column search.postings.score is 'BM25 score of the stem in the article, in"
    " thousandths.'",
)


def build_index(con: duckdb.DuckDBPyConnection, spill: Path, threads: int) -> None:
    """Make the tables of the schema `search` from the published articles.

    Args:
        con: a connection whose default is the file that is being built, with its `articles` and
            `fold_ar`, and with the extension `fts` loaded.
        spill: a folder for what does not stay in memory.
        threads: how many work at a time.
    """
    con.execute("create schema search")
    with TemporaryDirectory(prefix="index-", dir=spill) as made:
        folder = Path(made)
        pieces = read_pieces(con, folder, threads)
        con.execute("create temp table pieces (piece varchar)")
        _insert(con, [some.distinct for some in pieces], "pieces")
        for statement in (_FOLDED, _STEMMED, _WORDS):
            con.execute(statement)
        terms = con.execute(_PIECE_TERMS).pl()
        row = con.execute("select coalesce(max(term_no), 0) from search.words").fetchone()
        n_terms = 0 if row is None else int(row[0])
        for table in ("pieces", "folded", "stemmed"):
            con.execute(f"drop table {table}")
        scored = write_scores(count_postings(pieces, terms, n_terms, threads), folder, threads)
        con.execute(_POSTINGS)
        _insert(con, scored, "search.postings")
    for statement in _COMMENTS:
        con.execute(statement)


def _insert(con: duckdb.DuckDBPyConnection, files: list[Path], table: str) -> None:
    """Put the rows of Parquet files into a table, in their order."""
    if files:
        con.read_parquet([str(file) for file in files]).insert_into(table)

"""The full-text index of the published file: stemmed words of title, keywords and lead, by BM25.

DuckDB's own `fts` index needs its extension wherever it is read. Here the extension's Arabic
stemmer is used while building, and what is left are two plain tables that any DuckDB reads: every
printed word with the number of its stem, and for every stem the articles with their scores.
"""

from typing import Final

import duckdb

#: Articles that are cut into words at a time: bounds the memory that it takes.
_CHUNK: Final = 50_000
#: How much a word counts by where it stands. A title says most in the fewest words.
_WEIGHTS: Final = {"title": 3, "keywords": 2, "lead": 1}
#: Saturation and length norm of BM25, at the values that Robertson and Zaragoza (2009) give.
_K1: Final = 1.2
_B: Final = 0.75

_WORDS = " union all ".join(
    f"select article_no, {weight} as weight, unnest(string_split(fold_ar({column}), ' ')) as word"
    f" from articles where article_no > $1 and article_no <= $1 + {_CHUNK}"
    for column, weight in _WEIGHTS.items()
)

#: A folded word ends in ه where print has ة, which is what the stemmer knows endings by.
_NEW_WORDS = """
create or replace temp table new_words as
select word, stem(regexp_replace(word, 'ه$', 'ة'), 'arabic') as term
from (select distinct word from chunk_words)
where word not in (select word from all_words)
"""

_NEW_TERMS = """
insert into all_terms
select term, row_number() over (order by term) + (select count(*) from all_terms)
from (select distinct term from new_words where term not in (select term from all_terms))
"""

_SCORED = f"""
create table search.postings as
with lengths as (
    select article_no, sum(weight) as n from all_postings group by article_no
),
terms as (
    select term_no, count(*) as n_articles from all_postings group by term_no
),
corpus as (
    select count(*) as n_articles, avg(n) as mean_length from lengths
)
select
    postings.term_no,
    postings.article_no,
    (ln(1 + (corpus.n_articles - terms.n_articles + 0.5) / (terms.n_articles + 0.5))
    * postings.weight * {_K1 + 1}
    / (postings.weight + {_K1} * ({1 - _B} + {_B} * lengths.n / corpus.mean_length)))::float
        as score
from all_postings as postings
inner join lengths on postings.article_no = lengths.article_no
inner join terms on postings.term_no = terms.term_no
cross join corpus
order by postings.term_no, postings.article_no
"""

_COMMENTS = (
    "comment on table search.words is 'One row for each folded word of a title, lead or keyword,"
    " with its stem: what search_articles looks words up in.'",
    "comment on column search.words.word is 'The word, see fold_ar.'",
    "comment on column search.words.term_no is 'Number of its stem in this file.'",
    "comment on table search.postings is 'One row for each article and each stem that it has.'",
    "comment on column search.postings.term_no is 'The stem, see search.words.'",
    "comment on column search.postings.article_no is 'The article, see articles.'",
    "comment on column search.postings.score is 'BM25 score of the stem in the article.'",
)


def build_index(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the schema `search` from the published articles.

    Args:
        con: a connection whose default is the file that is being built, with its `articles` and
            `fold_ar`, and with the extension `fts` loaded.
    """
    con.execute("create schema search")
    con.execute("create temp table all_words (word varchar, term_no integer)")
    con.execute("create temp table all_terms (term varchar, term_no integer)")
    con.execute(
        "create temp table all_postings (term_no integer, article_no integer, weight integer)"
    )
    row = con.execute("select coalesce(max(article_no), 0) from articles").fetchone()
    for start in range(0, 0 if row is None else int(row[0]), _CHUNK):
        con.execute(
            "create or replace temp table chunk_words as"
            f" select article_no, word, sum(weight) as weight from ({_WORDS})"
            " where word <> '' group by article_no, word",
            [start],
        )
        con.execute(_NEW_WORDS)
        con.execute(_NEW_TERMS)
        con.execute(
            "insert into all_words select word, term_no"
            " from new_words inner join all_terms using (term)"
        )
        con.execute(
            "insert into all_postings select term_no, article_no, sum(weight)"
            " from chunk_words inner join all_words using (word) group by term_no, article_no"
        )
    con.execute("create table search.words as select * from all_words order by word")
    con.execute(_SCORED)
    for statement in _COMMENTS:
        con.execute(statement)
    for table in ("all_words", "all_terms", "all_postings", "chunk_words", "new_words"):
        con.execute(f"drop table if exists {table}")

"""The full-text index of the published file: stemmed words of title, keywords and lead, by BM25.

DuckDB's own `fts` index needs its extension wherever it is read. Here the extension's Arabic
stemmer is used while building, and what is left are two plain tables that any DuckDB reads: every
printed word with the number of its stem, and for every stem the articles with their scores.
"""

from typing import Final

import duckdb

#: Articles whose postings are made at a time, which bounds the memory that it takes: a row group
#: of DuckDB's, so that none is read twice.
_CHUNK: Final = 122_880
#: How much a word counts by where it stands. A title says most in the fewest words.
_WEIGHTS: Final = {"title": 3, "lead": 1}
_KEYWORD_WEIGHT: Final = 2
#: Saturation and length norm of BM25, at the values that Robertson and Zaragoza (2009) give.
_K1: Final = 1.2
_B: Final = 0.75
#: Scores are whole numbers of this part of one, which take less room and are summed faster.
_PARTS: Final = 1000

_PIECES: Final = " union all ".join(
    f"select article_no, {weight} as weight, unnest(string_split({column}, ' ')) as piece"
    " from articles where {where}"
    for column, weight in _WEIGHTS.items()
)

# Folding goes by the single character, and a space stays one. So the folded words of a text are
# those of its pieces between spaces, of which there are few different ones: each is folded once.
_FOLDED: Final = f"""
create temp table folded as
select piece, unnest(string_split(fold_ar(piece), ' ')) as word
from (
    select piece from ({_PIECES.format(where="true")})
    union
    select keyword as piece from numbered_keywords
)
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
create temp table piece_terms as
select folded.piece, words.term_no
from folded inner join search.words as words on folded.word = words.word
"""

_KEYWORD_TERMS: Final = """
create temp table keyword_terms as
select numbered_keywords.keyword_no, piece_terms.term_no
from numbered_keywords inner join piece_terms on numbered_keywords.keyword = piece_terms.piece
"""

_POSTINGS: Final = f"""
insert into all_postings
select term_no, article_no, sum(weight)
from (
    select term_no, article_no, weight
    from ({_PIECES.format(where=f"article_no > $1 and article_no <= $1 + {_CHUNK}")}) as pieces
    inner join piece_terms on pieces.piece = piece_terms.piece
    union all
    select keyword_terms.term_no, tags.article_no, {_KEYWORD_WEIGHT} as weight
    from tags inner join keyword_terms on tags.keyword_no = keyword_terms.keyword_no
    where tags.article_no > $1 and tags.article_no <= $1 + {_CHUNK}
)
group by term_no, article_no
"""

_SCORED: Final = f"""
create table search.postings as
with lengths as (
    select article_no, sum(weight) as n from all_postings group by article_no
),
terms as (
    select term_no, count(*) as n_articles from all_postings group by term_no
),
corpus as (
    select count(*) as n_articles, avg(n) as mean_length from lengths
),
norms as (
    select article_no, {_K1} * ({1 - _B} + {_B} * n / mean_length) as norm
    from lengths cross join corpus
),
rarities as (
    select
        term_no,
        {_K1 + 1} * ln(1 + (corpus.n_articles - terms.n_articles + 0.5) / (terms.n_articles + 0.5))
            as rarity
    from terms cross join corpus
)
select
    postings.term_no,
    postings.article_no,
    round({_PARTS} * rarities.rarity * postings.weight / (postings.weight + norms.norm))::integer
        as score
from all_postings as postings
inner join norms on postings.article_no = norms.article_no
inner join rarities on postings.term_no = rarities.term_no
order by postings.term_no, postings.article_no
"""

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


def build_index(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the schema `search` from the published articles and their keywords.

    Args:
        con: a connection whose default is the file that is being built, with its `articles`, the
            temporary `numbered_keywords` and `tags` of the marts, and `fold_ar`, and with the
            extension `fts` loaded.
    """
    con.execute("create schema search")
    for statement in (_FOLDED, _STEMMED, _WORDS, _PIECE_TERMS, _KEYWORD_TERMS):
        con.execute(statement)
    con.execute(
        "create temp table all_postings (term_no integer, article_no integer, weight integer)"
    )
    row = con.execute("select coalesce(max(article_no), 0) from articles").fetchone()
    for start in range(0, 0 if row is None else int(row[0]), _CHUNK):
        con.execute(_POSTINGS, [start])
    con.execute(_SCORED)
    for statement in _COMMENTS:
        con.execute(statement)
    for table in ("folded", "stemmed", "piece_terms", "keyword_terms", "all_postings"):
        con.execute(f"drop table {table}")

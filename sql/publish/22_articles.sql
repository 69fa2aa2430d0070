-- grain: one distinct text. Runs once for each range of ids: what a join holds of all articles of a
-- large night leaves no memory for the writers.

insert into lake.news.articles by name
select
    article_id,
    title,
    title_key,
    key_hash(nullif(title_key, '')) as title_hash,
    lead,
    body,
    source_id,
    published_at,
    first_seen_at,
    n_paragraphs,
    n_words,
    n_chars,
    language,
    keywords_raw,
    parser_version,
    title_basis,
    source_basis,
    published_basis,
    body_basis,
    keywords_basis
from changed_articles
where article_id >= getvariable('first_id') and article_id < getvariable('end_id');

-- Which publishers are in the warehouse, and how much of each?
select
    sources.name as publisher,
    count(*) as articles,
    sum(articles.n_words) as words,
    min(articles.first_seen_at)::date as first_seen,
    max(articles.first_seen_at)::date as last_seen
from news.articles as articles
inner join news.sources as sources on articles.source_id = sources.source_id
group by sources.source_id, sources.name
order by articles desc, publisher asc
limit 10

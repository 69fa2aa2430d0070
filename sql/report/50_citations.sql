-- grain: one of the publishers that quote most, and one of the sources that are quoted most
create or replace temp table report_citations as
with others as (
    select *
    from citations
    where not is_self and source_id is not null
),

quoting as (
    select
        source_id,
        sum(n_articles) as n
    from others
    group by source_id
    order by n desc, source_id asc
    limit 14
),

quoted as (
    select
        cited_source_id,
        sum(n_articles) as n
    from others
    group by cited_source_id
    order by n desc, cited_source_id asc
    limit 14
)

select
    others.source_id,
    others.cited_source_id,
    others.n_articles,
    others.article_share
from others
inner join quoting on others.source_id = quoting.source_id
inner join quoted on others.cited_source_id = quoted.cited_source_id
order by quoting.n desc, others.source_id asc, quoted.n desc, others.cited_source_id asc;

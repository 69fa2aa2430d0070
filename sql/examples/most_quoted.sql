-- Which agencies and media are quoted by most publishers?
select
    cited,
    cited_kind,
    count(distinct source_id) as publishers,
    sum(n_articles)::bigint as articles
from citations
where not is_self
group by cited_source_id, cited, cited_kind
order by publishers desc, articles desc, cited asc
limit 10

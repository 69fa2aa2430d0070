-- no citation of the lake is lost or counted twice
with mart_count as (
    select coalesce(sum(n_citations), 0) as n from published.main.citations
)

select lake_count.n
from (select count(*) as n from lake.news.citations) as lake_count
cross join mart_count
where lake_count.n <> mart_count.n

-- grain: one publisher that the report names in rows of its own: those that new articles of the
-- window name most
create or replace temp table report_publishers as
with counted as (
    select
        source_id,
        count(*) as n_articles
    from articles
    where
        source_id is not null
        and first_seen_on between getvariable('since') and getvariable('night')
    group by source_id
)

select
    (row_number() over (order by counted.n_articles desc, counted.source_id asc) - 1)::integer
        as publisher_no,
    counted.source_id
from counted
order by publisher_no
limit 14;

-- every record of a published dump is a page or a reject
with pages as (
    select
        dump_id,
        count(*) as n_pages
    from lake.news.pages
    where dump_id in (select dump_id from checked_dumps)
    group by dump_id
)

select dumps.dump_id
from lake.ops.dumps as dumps
left join pages on dumps.dump_id = pages.dump_id
where
    dumps.dump_id in (select dump_id from checked_dumps)
    and dumps.status = 'published'
    and dumps.n_records <> dumps.n_rejects + coalesce(pages.n_pages, 0)

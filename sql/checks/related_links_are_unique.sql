-- a place in a page's list of links is taken once
select
    page_id,
    position
from lake.news.related_links
where page_id in (select page_id from checked_pages)
group by page_id, position
having count(*) > 1

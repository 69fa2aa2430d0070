-- an article stands once in a role on a page
select
    page_id,
    article_id,
    role
from lake.news.sightings
where page_id in (select page_id from checked_pages)
group by page_id, article_id, role
having count(*) > 1

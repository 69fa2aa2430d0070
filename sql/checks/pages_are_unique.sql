-- one row for each record: a page_id stands once
select page_id
from lake.news.pages
where page_id in (select page_id from checked_pages)
group by page_id
having count(*) > 1

-- the main article of a page exists, and is sighted there
select pages.page_id
from lake.news.pages as pages
left join lake.news.sightings as sightings
    on
        pages.page_id = sightings.page_id
        and pages.main_article_id = sightings.article_id
        and sightings.role = 'main'
where
    pages.page_id in (select page_id from checked_pages)
    and pages.main_article_id is not null
    and sightings.page_id is null

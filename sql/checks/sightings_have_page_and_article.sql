-- every sighting is of an article that exists, on a page that exists
select sightings.page_id
from lake.news.sightings as sightings
left join lake.news.pages as pages on sightings.page_id = pages.page_id
left join lake.news.articles as articles on sightings.article_id = articles.article_id
where
    sightings.page_id in (select page_id from checked_pages)
    and (pages.page_id is null or articles.article_id is null)

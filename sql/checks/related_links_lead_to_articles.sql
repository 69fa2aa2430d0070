-- the target of a link exists
select links.page_id
from lake.news.related_links as links
left join lake.news.articles as articles on links.target_article_id = articles.article_id
where
    links.page_id in (select page_id from checked_pages)
    and links.target_article_id is not null
    and articles.article_id is null

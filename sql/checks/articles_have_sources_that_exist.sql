-- every source of an article is in news.sources, once
select articles.article_id
from lake.news.articles as articles
left join lake.news.sources as sources on articles.source_id = sources.source_id
where
    articles.source_id is not null
    and articles.article_id in (select article_id from checked_articles)
group by articles.article_id
having count(sources.source_id) <> 1

-- the file has every article of the lake, once
select articles.article_id
from lake.news.articles as articles
full outer join published.main.articles as published_articles
    on articles.article_id = published_articles.article_id
group by articles.article_id
having count(articles.article_id) <> 1 or count(published_articles.article_id) <> 1

-- one row for each text: an article_id stands once
select article_id
from lake.news.articles
where article_id in (select article_id from checked_articles)
group by article_id
having count(*) > 1

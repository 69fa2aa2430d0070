-- every keyword of an article is in news.keywords, once
select article_keywords.keyword_id
from lake.news.article_keywords as article_keywords
left join lake.news.keywords as keywords on article_keywords.keyword_id = keywords.keyword_id
where article_keywords.article_id in (select article_id from checked_articles)
group by article_keywords.article_id, article_keywords.keyword_id
having count(*) > 1 or count(keywords.keyword_id) <> 1

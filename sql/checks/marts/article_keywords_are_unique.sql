-- a keyword stands once for an article
select
    keyword_id,
    article_id
from published.main.article_keywords
group by keyword_id, article_id
having count(*) > 1

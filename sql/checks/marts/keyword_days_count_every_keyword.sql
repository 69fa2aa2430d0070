-- the days of a keyword add up to its articles
select keywords.keyword_id
from published.main.keywords as keywords
left join published.main.keyword_days as keyword_days
    on keywords.keyword_id = keyword_days.keyword_id
group by keywords.keyword_id, keywords.n_articles
having
    coalesce(sum(keyword_days.n_articles), 0) <> keywords.n_articles
    or count(*) <> count(distinct keyword_days.day)

-- Who quotes whom most?
select
    publisher,
    cited,
    n_articles,
    round(article_share, 2) as share
from citations
where not is_self and publisher is not null
order by n_articles desc, publisher asc, cited asc
limit 10

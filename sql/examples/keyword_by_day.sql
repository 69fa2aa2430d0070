-- How often was sport (رياضة) a keyword on each of the last seven days?
select
    day,
    n_articles,
    round(share, 3) as share
from trend('رياضة', 7)
order by day

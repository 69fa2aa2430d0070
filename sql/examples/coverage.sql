-- Which days are covered, and where are gaps?
select
    day,
    n_pages,
    n_articles,
    n_new_articles,
    n_publishers,
    is_gap
from coverage_days
order by day

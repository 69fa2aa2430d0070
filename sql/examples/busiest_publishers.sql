-- Who published most on the newest day, and how much of it was new?
select
    publisher,
    n_articles,
    n_new_articles,
    n_words
from daily_publishers
where day = (select max(coverage_days.day) from coverage_days)
order by n_articles desc, publisher asc
limit 10

-- What is rising on the newest day?
select
    keyword,
    n_articles,
    round(n_expected, 1) as expected,
    round(burst, 2) as burst
from keyword_days
where
    day = (select max(coverage_days.day) from coverage_days)
    and n_articles > 1
order by burst desc nulls last, keyword asc
limit 10

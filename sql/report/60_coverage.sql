-- grain: one day of the calendar, a year back from the night
create or replace temp table report_coverage as
select
    day::varchar as day,
    n_pages,
    n_dumps,
    n_articles,
    n_new_articles,
    n_publishers,
    is_gap
from coverage_days
where
    day between getvariable('night') - 370 and getvariable('night')
order by day;

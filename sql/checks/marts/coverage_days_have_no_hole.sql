-- every day from the first to the last, once, with all pages of the lake
with pages as (select count(*) as n_pages from lake.news.pages)

select calendar.n_days
from (
    select
        count(*) as n_days,
        count(distinct day) as n_distinct,
        coalesce(max(day) - min(day) + 1, 0) as n_expected,
        coalesce(sum(n_pages), 0) as n_pages
    from published.main.coverage_days
) as calendar
cross join pages
where
    calendar.n_days <> calendar.n_expected
    or calendar.n_days <> calendar.n_distinct
    or calendar.n_pages <> pages.n_pages

-- grain: one day (UTC) from the first observed to the last, those without a page among them
create table coverage_days as
with page_days as (
    select
        observed_at::date as day,
        count(*) as n_pages,
        count(distinct dump_id) as n_dumps
    from lake.news.pages
    group by day
),

sighting_days as (
    select
        observed_at::date as day,
        count(distinct article_id) as n_articles,
        count(distinct source_id) as n_publishers
    from lake.news.sightings
    group by day
),

new_days as (
    select
        first_seen_on as day,
        count(*) as n_new_articles
    from articles
    group by day
),

calendar as (
    select unnest(generate_series(min(day), max(day), interval 1 day))::date as day
    from page_days
)

select
    calendar.day,
    isodow(calendar.day)::integer as weekday,
    coalesce(page_days.n_pages, 0) as n_pages,
    coalesce(page_days.n_dumps, 0) as n_dumps,
    coalesce(sighting_days.n_articles, 0) as n_articles,
    coalesce(new_days.n_new_articles, 0) as n_new_articles,
    coalesce(sighting_days.n_publishers, 0) as n_publishers,
    page_days.day is null as is_gap
from calendar
left join page_days on calendar.day = page_days.day
left join sighting_days on calendar.day = sighting_days.day
left join new_days on calendar.day = new_days.day
order by calendar.day;

comment on table coverage_days is 'One row for each day (UTC) from the first observed to the last; a day without a page is a gap.';
comment on column coverage_days.day is 'The day, UTC.';
comment on column coverage_days.weekday is 'Day of the week, 1 Monday to 7 Sunday.';
comment on column coverage_days.n_pages is 'Pages seen.';
comment on column coverage_days.n_dumps is 'Dumps that hold them.';
comment on column coverage_days.n_articles is 'Distinct articles that they show.';
comment on column coverage_days.n_new_articles is 'Articles that no page had shown on an earlier day.';
comment on column coverage_days.n_publishers is 'Publishers that they name.';
comment on column coverage_days.is_gap is 'Whether no page was seen.';

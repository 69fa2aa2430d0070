-- grain: one count: new articles of one day, publisher and hour of publication, with one keyword
-- Numbers instead of names, for the page holds thousands of them. Keywords: 0 stands for all
-- articles, 1 for those with any keyword, 2 and on for those of report_keywords. Publishers: those
-- of report_publishers, then one for all others, then one for articles that name none. Hours are
-- UTC, and 24 where the page does not say: midnight to the second is a date without a time.
create or replace temp table report_cube as
with named as (
    select count(*)::integer as n
    from report_publishers
),

dated as (
    select
        articles.article_id,
        articles.n_keywords,
        date_diff('day', getvariable('cube_since'), articles.first_seen_on) as day_no,
        case
            when articles.source_id is null then named.n + 1
            else coalesce(report_publishers.publisher_no, named.n)
        end as publisher_no,
        case
            when (articles.published_at at time zone 'UTC')::time = time '00:00:00' then 24
            else coalesce(hour(articles.published_at at time zone 'UTC'), 24)
        end as hour_no
    from articles
    cross join named
    left join report_publishers on articles.source_id = report_publishers.source_id
    where articles.first_seen_on between getvariable('cube_since') and getvariable('night')
),

tagged as (
    select
        report_keywords.keyword_no + 2 as keyword_no,
        dated.day_no,
        dated.publisher_no,
        dated.hour_no
    from article_keywords
    inner join report_keywords on article_keywords.keyword_id = report_keywords.keyword_id
    inner join dated on article_keywords.article_id = dated.article_id
),

counted as (
    select
        0 as keyword_no,
        day_no,
        publisher_no,
        hour_no,
        count(*) as n_articles
    from dated
    group by day_no, publisher_no, hour_no
    union all
    select
        1 as keyword_no,
        day_no,
        publisher_no,
        hour_no,
        count(*) as n_articles
    from dated
    where n_keywords > 0
    group by day_no, publisher_no, hour_no
    union all
    select
        keyword_no,
        day_no,
        publisher_no,
        hour_no,
        count(*) as n_articles
    from tagged
    group by keyword_no, day_no, publisher_no, hour_no
)

select
    ((keyword_no * getvariable('n_days') + day_no) * (named.n + 2) + publisher_no) * 25 + hour_no
        as cell,
    counted.n_articles
from counted
cross join named
order by cell;

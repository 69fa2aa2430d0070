-- grain: one keyword on one day (UTC) on which an article with it was first seen
-- Burst is how far a day's count stands above what the seven days before lead one to expect, in
-- standard deviations of a Poisson count: (n - e) / sqrt(e + 1), where e is the keyword's part of
-- those days' articles times the day's articles. It is the residual of the Poisson model of
-- Hendrickson, Lehman, Lehman, Montague and Kolb, "Trend Detection in Social Data" (Gnip, 2015);
-- the 1 keeps one mention of a rare keyword from being a burst.
create table keyword_days as
with daily as (
    select
        numbered_articles.first_seen_on as day,
        tags.keyword_no,
        count(*) as n_articles
    from tags
    inner join numbered_articles on tags.article_no = numbered_articles.article_no
    group by day, tags.keyword_no
),

days as (
    select
        first_seen_on as day,
        count(*) as n_tagged
    from articles
    where n_keywords > 0
    group by day
),

weeks as (
    select
        *,
        sum(n_tagged) over (
            order by day
            range between interval 7 day preceding and interval 1 day preceding
        ) as n_tagged_before
    from days
),

windows as (
    select
        *,
        sum(n_articles) over (
            partition by keyword_no order by day
            range between interval 6 day preceding and current row
        )::bigint as n_articles_7d,
        sum(n_articles) over (
            partition by keyword_no order by day
            range between interval 13 day preceding and interval 7 day preceding
        )::bigint as n_articles_prior_7d,
        sum(n_articles) over (
            partition by keyword_no order by day
            range between interval 7 day preceding and interval 1 day preceding
        ) as n_before
    from daily
),

expecting as (
    select
        windows.*,
        weeks.n_tagged,
        coalesce(windows.n_before, 0) / weeks.n_tagged_before * weeks.n_tagged as n_expected
    from windows
    inner join weeks on windows.day = weeks.day
)

select
    expecting.day,
    numbered_keywords.keyword_id,
    numbered_keywords.keyword,
    expecting.n_articles,
    expecting.n_articles / expecting.n_tagged as share,
    expecting.n_articles_7d,
    coalesce(expecting.n_articles_prior_7d, 0) as n_articles_prior_7d,
    expecting.n_articles_7d / expecting.n_articles_prior_7d - 1 as change_7d,
    expecting.n_expected,
    (expecting.n_articles - expecting.n_expected) / sqrt(expecting.n_expected + 1) as burst
from expecting
inner join numbered_keywords on expecting.keyword_no = numbered_keywords.keyword_no
order by expecting.day, expecting.keyword_no;

comment on table keyword_days is 'One row for each keyword on each day (UTC) on which an article with it was first seen. Burst: (n - e) / sqrt(e + 1), the Poisson residual of Hendrickson et al., Trend Detection in Social Data (Gnip, 2015), e from the seven days before.';
comment on column keyword_days.day is 'Day (UTC) on which the articles were first seen.';
comment on column keyword_days.keyword_id is 'The keyword, see keywords.';
comment on column keyword_days.keyword is 'The keyword''s display form.';
comment on column keyword_days.n_articles is 'Articles with it that were first seen on the day.';
comment on column keyword_days.share is 'n_articles by the day''s articles that have any keyword.';
comment on column keyword_days.n_articles_7d is 'The same over this day and the six before.';
comment on column keyword_days.n_articles_prior_7d is 'The same over the seven days before those.';
comment on column keyword_days.change_7d is 'n_articles_7d by n_articles_prior_7d, less 1: 0.5 is half as many again; null where there were none.';
comment on column keyword_days.n_expected is 'Its part of the tagged articles of the seven days before, times the day''s; null without such days.';
comment on column keyword_days.burst is '(n_articles - n_expected) / sqrt(n_expected + 1): above 3 is rare by chance; null without n_expected.';

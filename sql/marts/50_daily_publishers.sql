-- grain: one publisher on one day (UTC) of observation
create table daily_publishers as
with shown as (
    select
        observed_at::date as day,
        source_id,
        article_id,
        count(*) as n_sightings,
        count(nullif(title_raw, '')) as n_titles,
        count(published_at) as n_dates,
        count(nullif(keywords_raw, '')) as n_keyword_lines
    from lake.news.sightings
    where source_id is not null
    group by day, source_id, article_id
),

first_copies as (
    select
        article_id,
        source_id
    from story_flow
    where place = 1
)

select
    shown.day,
    shown.source_id,
    publishers.publisher,
    publishers.kind,
    publishers.country,
    count(*) as n_articles,
    sum(shown.n_sightings)::bigint as n_sightings,
    count(*) filter (where articles.first_seen_on = shown.day) as n_new_articles,
    sum(articles.n_words)::bigint as n_words,
    sum(shown.n_titles) / sum(shown.n_sightings) as title_share,
    sum(shown.n_dates) / sum(shown.n_sightings) as date_share,
    sum(shown.n_keyword_lines) / sum(shown.n_sightings) as keywords_share,
    count(*) filter (where articles.n_publishers > 1) as n_shared,
    count(first_copies.article_id) as n_first,
    count(first_copies.article_id)
    / nullif(count(*) filter (where articles.n_publishers > 1), 0) as first_share
from shown
inner join articles on shown.article_id = articles.article_id
inner join publishers on shown.source_id = publishers.source_id
left join first_copies
    on shown.article_id = first_copies.article_id and shown.source_id = first_copies.source_id
group by shown.day, shown.source_id, publishers.publisher, publishers.kind, publishers.country
order by shown.day asc, n_articles desc, shown.source_id asc;

comment on table daily_publishers is 'One row for each publisher on each day (UTC) on which a page showed an article of it.';
comment on column daily_publishers.day is 'Day of observation, UTC.';
comment on column daily_publishers.source_id is 'The publisher, see publishers.';
comment on column daily_publishers.publisher is 'Name of the publisher.';
comment on column daily_publishers.kind is 'Kind of the publisher.';
comment on column daily_publishers.country is 'Country of the publisher.';
comment on column daily_publishers.n_articles is 'Distinct articles shown with it as their source.';
comment on column daily_publishers.n_sightings is 'Times that a page showed one of them.';
comment on column daily_publishers.n_new_articles is 'Those of n_articles that no page had shown on an earlier day.';
comment on column daily_publishers.n_words is 'Words of those articles, each counted once.';
comment on column daily_publishers.title_share is 'Part of the sightings that print a title, 0 to 1.';
comment on column daily_publishers.date_share is 'Part of the sightings that say when the article was published, 0 to 1.';
comment on column daily_publishers.keywords_share is 'Part of the sightings that print a keyword line, 0 to 1.';
comment on column daily_publishers.n_shared is 'Those of n_articles that another publisher carries too, then or ever.';
comment on column daily_publishers.n_first is 'Those of n_shared that it had first (place 1 in story_flow).';
comment on column daily_publishers.first_share is 'n_first by n_shared; null where nothing is shared.';

-- grain: one article at one publisher, of articles that two publishers or more carry
-- When a copy appeared: as the pages say (published_at) if every copy of the article says so, else
-- as the pages were seen (observed_at). Equal times share a place.
create table story_flow as
with timed as (
    select
        copies.article_id,
        copies.source_id,
        copies.n_sightings,
        stories.n_publishers,
        case when stories.is_dated then copies.published_at else copies.observed_at end
            as appeared_at,
        case when stories.is_dated then 'published' else 'observed' end as time_basis
    from copies
    inner join stories on copies.article_id = stories.article_id
    where copies.source_id is not null
),

placed as (
    select
        *,
        rank() over (partition by article_id order by appeared_at) as place,
        min(appeared_at) over (partition by article_id) as first_at,
        first_value(source_id) over (partition by article_id order by appeared_at, source_id)
            as first_source_id
    from timed
)

select
    placed.article_id,
    articles.title,
    placed.source_id,
    sources.name as publisher,
    placed.place,
    placed.appeared_at,
    placed.time_basis,
    date_diff('minute', placed.first_at, placed.appeared_at) as delay_minutes,
    placed.first_source_id,
    first_sources.name as first_publisher,
    placed.n_publishers,
    placed.n_sightings
from placed
inner join lake.news.articles as articles on placed.article_id = articles.article_id
inner join lake.news.sources as sources on placed.source_id = sources.source_id
inner join lake.news.sources as first_sources
    on placed.first_source_id = first_sources.source_id
order by placed.first_at, placed.article_id, placed.place, placed.source_id;

comment on table story_flow is 'One row for each publisher of each article that two or more carry: the same text, who had it first, and how much later the others. Times are compared as pages print them if all copies print one, else as they were observed.';
comment on column story_flow.article_id is 'The article, see articles.';
comment on column story_flow.title is 'Title of the article.';
comment on column story_flow.source_id is 'The publisher, see publishers.';
comment on column story_flow.publisher is 'Name of the publisher.';
comment on column story_flow.place is '1 for who had it first; equal times share a place.';
comment on column story_flow.appeared_at is 'When this publisher''s first copy appeared, UTC, by time_basis.';
comment on column story_flow.time_basis is 'published: every copy''s page says when it was published. observed: when pages were seen.';
comment on column story_flow.delay_minutes is 'Minutes after the first copy; 0 for the first.';
comment on column story_flow.first_source_id is 'Who had it first; of several at the same time the one with the least source_id.';
comment on column story_flow.first_publisher is 'Name of who had it first.';
comment on column story_flow.n_publishers is 'Publishers that carry the article.';
comment on column story_flow.n_sightings is 'Times that a page showed this publisher''s copy.';

-- What several marts start from; temporary, and gone when the file is built.

-- grain: one article at one publisher
create temp table copies as
select
    sightings.article_id,
    sightings.source_id,
    count(*) as n_sightings,
    min(sightings.observed_at) as observed_at,
    min(sightings.published_at) as published_at
from lake.news.sightings as sightings
group by sightings.article_id, sightings.source_id;

-- grain: one article that two publishers or more carry
create temp table stories as
select
    article_id,
    count(*) as n_publishers,
    -- Times that pages print are compared with each other, or times of observation are: never
    -- one with the other.
    bool_and(published_at is not null) as is_dated
from copies
where source_id is not null
group by article_id
having count(*) > 1;

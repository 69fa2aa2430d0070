-- What this night adds, after the audit: staged rows less those of rejected pages.
-- Every relation here is temporary; the lake is first written to in 20_articles.sql.

create or replace temp view night_pages as
select *
from staged_pages
where page_id not in (select page_id from rejected_pages);

-- grain: one article in one role on one page.
-- A basis says where a value comes from, and sorts by worth: rank, then time, then page.
create or replace temp table night_sightings as
with accepted as (
    select
        *,
        '|' || strftime(observed_at, '%Y-%m-%dT%H:%M:%S.%f') || '|' || page_id as moment
    from staged_sightings
    where page_id not in (select page_id from rejected_pages)
)

select
    *,
    title_rank || moment as title_basis,
    source_rank || moment as source_basis,
    if(role = 'main', '0', '1') || moment as role_basis
from accepted;

create or replace temp view night_related_links as
select *
from staged_related_links
where page_id not in (select page_id from rejected_pages);

-- grain: one distinct text; for each value the best that a sighting of this night gives
create or replace temp table night_articles as
select
    article_id,
    min_by(title_raw, title_basis) filter (title_raw is not null) as title,
    min_by(title_key, title_basis) filter (title_raw is not null) as title_key,
    min(title_basis) filter (title_raw is not null) as title_basis,
    min_by(source_id, source_basis) filter (source_id is not null) as source_id,
    min(source_basis) filter (source_id is not null) as source_basis,
    min_by(published_at, role_basis) filter (published_at is not null) as published_at,
    min(role_basis) filter (published_at is not null) as published_basis,
    min_by(keywords_raw, role_basis) filter (keywords_raw is not null) as keywords_raw,
    min_by(page_id, role_basis) filter (keywords_raw is not null) as keywords_page_id,
    min(role_basis) filter (keywords_raw is not null) as keywords_basis,
    min_by(page_id, role_basis) as body_page_id,
    min_by(role, role_basis) as body_role,
    min(role_basis) as body_basis,
    min(observed_at) as first_seen_at
from night_sightings
group by article_id;

-- grain: one distinct text; the night's values and the lake's, the better of each.
-- `least` passes over nulls, so that a value beats none.
create or replace temp table merged_articles as
select
    night.article_id,
    night.body_page_id,
    night.body_role,
    night.keywords_page_id,
    lake_row.article_id is null as is_new,
    if(
        least(night.title_basis, lake_row.title_basis) is not distinct from lake_row.title_basis,
        lake_row.title, night.title
    ) as title,
    if(
        least(night.title_basis, lake_row.title_basis) is not distinct from lake_row.title_basis,
        lake_row.title_key, night.title_key
    ) as title_key,
    least(night.title_basis, lake_row.title_basis) as title_basis,
    if(
        least(night.source_basis, lake_row.source_basis) is not distinct from lake_row.source_basis,
        lake_row.source_id, night.source_id
    ) as source_id,
    least(night.source_basis, lake_row.source_basis) as source_basis,
    if(
        least(night.published_basis, lake_row.published_basis)
        is not distinct from lake_row.published_basis,
        lake_row.published_at, night.published_at
    ) as published_at,
    least(night.published_basis, lake_row.published_basis) as published_basis,
    if(
        least(night.keywords_basis, lake_row.keywords_basis)
        is not distinct from lake_row.keywords_basis,
        lake_row.keywords_raw, night.keywords_raw
    ) as keywords_raw,
    least(night.keywords_basis, lake_row.keywords_basis) as keywords_basis,
    least(night.body_basis, lake_row.body_basis) as body_basis,
    least(night.first_seen_at, lake_row.first_seen_at) as first_seen_at,
    lake_row.title_key as old_title_key,
    lake_row.body_basis is null or night.body_basis < lake_row.body_basis as has_new_body,
    night.keywords_basis is not null
    and (lake_row.keywords_basis is null or night.keywords_basis < lake_row.keywords_basis)
        as has_new_keywords,
    (
        lake_row.article_id is null
        or night.title_basis < lake_row.title_basis
        or (night.title_basis is not null and lake_row.title_basis is null)
        or night.source_basis < lake_row.source_basis
        or (night.source_basis is not null and lake_row.source_basis is null)
        or night.published_basis < lake_row.published_basis
        or (night.published_basis is not null and lake_row.published_basis is null)
        or night.keywords_basis < lake_row.keywords_basis
        or (night.keywords_basis is not null and lake_row.keywords_basis is null)
        or night.body_basis < lake_row.body_basis
        or night.first_seen_at < lake_row.first_seen_at
    ) as is_changed
from night_articles as night
left join lake.news.articles as lake_row on night.article_id = lake_row.article_id;

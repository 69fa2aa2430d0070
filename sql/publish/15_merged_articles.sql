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

-- grain: one distinct text; for each value the best that a sighting of this night gives.
-- Runs once for each range of ids: the texts that a group holds so far cannot be moved out of memory,
-- so that the groups of a large night at once would not fit.

insert into night_articles by name
with best as (
    select
        article_id,
        min_by(
            { 'title': title_raw, 'title_key': title_key, 'basis': title_basis }, title_basis
        ) filter (title_raw is not null) as titled,
        min_by(
            { 'source_id': source_id, 'basis': source_basis }, source_basis
        ) filter (source_id is not null) as sourced,
        min_by(
            { 'published_at': published_at, 'basis': role_basis }, role_basis
        ) filter (published_at is not null) as dated,
        min_by(
            { 'keywords_raw': keywords_raw, 'page_id': page_id, 'basis': role_basis }, role_basis
        ) filter (keywords_raw is not null) as tagged,
        min_by({ 'page_id': page_id, 'role': role, 'basis': role_basis }, role_basis) as shown,
        min(observed_at) as first_seen_at
    from night_sightings
    where article_id >= getvariable('first_id') and article_id < getvariable('end_id')
    group by article_id
)

select
    best.article_id,
    best.titled.title,
    best.titled.title_key,
    best.titled.basis as title_basis,
    best.sourced.source_id,
    best.sourced.basis as source_basis,
    best.dated.published_at,
    best.dated.basis as published_basis,
    best.tagged.keywords_raw,
    best.tagged.page_id as keywords_page_id,
    best.tagged.basis as keywords_basis,
    best.shown.page_id as body_page_id,
    best.shown.role as body_role,
    best.shown.basis as body_basis,
    best.first_seen_at
from best;

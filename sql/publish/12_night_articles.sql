-- grain: one distinct text; for each value the best that a sighting of this night gives.
-- Runs once for each range of ids: the texts that a group holds so far cannot be moved out of memory,
-- so that the groups of a large night at once would not fit.

insert into night_articles by name
with best as (
    select
        article_id,
        min_by(
            {'title': title_raw, 'title_key': title_key, 'basis': title_basis}, title_basis
        ) filter (title_raw is not null) as titled,
        min_by(
            {'source_id': source_id, 'basis': source_basis}, source_basis
        ) filter (source_id is not null) as sourced,
        min_by(
            {'published_at': published_at, 'basis': role_basis}, role_basis
        ) filter (published_at is not null) as dated,
        min_by(
            {'keywords_raw': keywords_raw, 'page_id': page_id, 'basis': role_basis}, role_basis
        ) filter (keywords_raw is not null) as tagged,
        min_by({'page_id': page_id, 'role': role, 'basis': role_basis}, role_basis) as shown,
        min(observed_at) as first_seen_at
    from night_sightings
    where article_id >= getvariable('first_id') and article_id < getvariable('end_id')
    group by article_id
)

select
    article_id,
    titled.title,
    titled.title_key,
    titled.basis as title_basis,
    sourced.source_id,
    sourced.basis as source_basis,
    dated.published_at,
    dated.basis as published_basis,
    tagged.keywords_raw,
    tagged.page_id as keywords_page_id,
    tagged.basis as keywords_basis,
    shown.page_id as body_page_id,
    shown.role as body_role,
    shown.basis as body_basis,
    first_seen_at
from best;

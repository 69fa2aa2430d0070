-- grain: one distinct text; for each value the best that a sighting of this night gives.
-- Runs once for each range of ids: the texts that a group holds so far cannot be moved out of memory,
-- so that the groups of a large night at once would not fit.

insert into night_articles by name
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
where article_id >= getvariable('first_id') and article_id < getvariable('end_id')
group by article_id;

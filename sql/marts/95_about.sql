-- grain: one fact about this file
create table about as
with newest as (
    select
        max(snapshot_id) as snapshot_id,
        max(finished_at) as finished_at
    from nights
    where status = 'published'
)

select
    unnest(['snapshot_id', 'last_published_at', 'last_night', 'days', 'articles']) as name,
    unnest([
        (select snapshot_id::varchar from newest),
        (select strftime(finished_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') from newest),
        (select max(day)::varchar from coverage_days),
        (
            select count(*)::varchar from coverage_days
            where not is_gap
        ),
        (select count(*)::varchar from articles)
    ]) as value;

comment on table about is 'One row for each fact about this file: which state of the lake it shows.';
comment on column about.name is 'snapshot_id, last_published_at (UTC), last_night, days (with pages), articles.';
comment on column about.value is 'The fact, as text; null when there is none yet.';

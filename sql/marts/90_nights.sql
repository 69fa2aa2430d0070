-- grain: one run
-- The night of a run is the day on which most of its pages were seen, of equals the latest; without
-- pages, the day on which it began.
create table nights as
with page_days as (
    select
        dumps.run_id,
        pages.observed_at::date as day,
        count(*) as n_pages,
        count(nullif(pages.title, '')) as n_titles,
        count(pages.published_at) as n_dates,
        count(nullif(pages.publisher_raw, '')) as n_publishers
    from lake.news.pages as pages
    inner join lake.ops.dumps as dumps on pages.dump_id = dumps.dump_id
    group by dumps.run_id, day
),

run_pages as (
    select
        run_id,
        max_by(day, (n_pages, day)) as night,
        sum(n_pages)::bigint as n_pages,
        sum(n_titles) / sum(n_pages) as title_share,
        sum(n_dates) / sum(n_pages) as date_share
    from page_days
    group by run_id
),

run_sightings as (
    select
        dumps.run_id,
        count(sightings.source_id) / count(*) as source_share,
        count(nullif(sightings.keywords_raw, '')) / count(*) as keywords_share
    from lake.news.sightings as sightings
    inner join lake.news.pages as pages on sightings.page_id = pages.page_id
    inner join lake.ops.dumps as dumps on pages.dump_id = dumps.dump_id
    where sightings.role = 'main'
    group by dumps.run_id
),

run_dumps as (
    select
        run_id,
        count(*) filter (where status = 'published') as n_dumps,
        count(*) filter (where status = 'failed') as n_dumps_failed
    from lake.ops.dumps
    group by run_id
),

run_validations as (
    select
        run_id,
        count(*) as n_expectations,
        count(*) filter (where not success) as n_failed,
        count(*) filter (where not success and severity = 'critical') as n_failed_critical
    from lake.ops.validations
    group by run_id
)

select
    runs.run_id,
    coalesce(run_pages.night, runs.started_at::date) as night,
    runs.started_at,
    runs.finished_at,
    runs.kind,
    runs.status,
    coalesce(run_dumps.n_dumps, 0) as n_dumps,
    coalesce(run_dumps.n_dumps_failed, 0) as n_dumps_failed,
    runs.n_records,
    runs.n_rejects,
    runs.n_rejects / nullif(runs.n_records, 0) as reject_share,
    coalesce(runs.n_pages, 0) as n_pages,
    runs.n_articles_new,
    coalesce(run_validations.n_expectations, 0) as n_expectations,
    coalesce(run_validations.n_failed, 0) as n_failed,
    coalesce(run_validations.n_failed_critical, 0) as n_failed_critical,
    run_pages.title_share,
    run_sightings.source_share,
    run_pages.date_share,
    run_sightings.keywords_share,
    runs.snapshot_id,
    runs.error
from lake.ops.runs as runs
left join run_pages on runs.run_id = run_pages.run_id
left join run_sightings on runs.run_id = run_sightings.run_id
left join run_dumps on runs.run_id = run_dumps.run_id
left join run_validations on runs.run_id = run_validations.run_id
order by runs.run_id;

comment on table nights is 'One row for each run that came to an end: what it read, what was rejected, and how well fields are filled.';
comment on column nights.run_id is 'The run; ids sort by start.';
comment on column nights.night is 'Day (UTC) on which most of its pages were seen; without pages, the day on which it began.';
comment on column nights.started_at is 'When it began, UTC.';
comment on column nights.finished_at is 'When it ended, UTC.';
comment on column nights.kind is 'nightly, backfill, replay, relearn, rollback or maintain.';
comment on column nights.status is 'published, nothing_new, blocked or failed.';
comment on column nights.n_dumps is 'Dumps that it published, less those that a later run read again.';
comment on column nights.n_dumps_failed is 'Dumps that it could not read.';
comment on column nights.n_records is 'Records read, rejected ones among them.';
comment on column nights.n_rejects is 'Records rejected, see night_rejects.';
comment on column nights.reject_share is 'n_rejects by n_records, 0 to 1; null without records.';
comment on column nights.n_pages is 'Pages published.';
comment on column nights.n_articles_new is 'Articles that the lake did not hold before.';
comment on column nights.n_expectations is 'Expectations that the audit evaluated, see night_expectations.';
comment on column nights.n_failed is 'Those that failed.';
comment on column nights.n_failed_critical is 'Those of severity critical that failed.';
comment on column nights.title_share is 'Part of its pages that print a title, 0 to 1; null without pages.';
comment on column nights.source_share is 'Part of its main articles whose source is named, 0 to 1.';
comment on column nights.date_share is 'Part of its pages that say when they were published, 0 to 1.';
comment on column nights.keywords_share is 'Part of its main articles with a keyword line, 0 to 1.';
comment on column nights.snapshot_id is 'Snapshot of the lake that it made; null when nothing was published.';
comment on column nights.error is 'Why it was blocked or failed; null otherwise.';

-- grain: one run that read dumps, of the last thirty up to the night
create or replace temp table report_runs as
with numbered as (
    select
        *,
        row_number() over (order by run_id desc) as back
    from nights
    where
        kind in ('nightly', 'backfill', 'replay')
        and status <> 'nothing_new'
        and (getvariable('is_latest') or night <= getvariable('night'))
)

select
    back,
    run_id,
    night::varchar as night,
    status,
    n_dumps,
    n_dumps_failed,
    n_records,
    n_rejects,
    n_pages,
    n_articles_new,
    n_expectations,
    n_failed,
    n_failed_critical,
    title_share,
    source_share,
    date_share,
    keywords_share,
    error
from numbered
where back <= 30
order by back desc;

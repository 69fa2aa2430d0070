-- grain: one keyword that the report follows: those that burst most on the night, then those that
-- did within the window; where there is nothing to compare with yet, the commonest
create or replace temp table report_keywords as
with days as (
    select
        keyword_id,
        max(burst) filter (where day = getvariable('night')) as burst_of_night,
        max(burst) as best_burst,
        sum(n_articles) as n_articles
    from keyword_days
    where day between getvariable('since') and getvariable('night')
    group by keyword_id
),

placed as (
    select
        keyword_id,
        row_number() over (
            order by burst_of_night desc nulls last, n_articles desc, keyword_id asc
        ) as place_of_night,
        row_number() over (
            order by best_burst desc nulls last, n_articles desc, keyword_id asc
        ) as place
    from days
)

select
    (
        row_number() over (
            order by
                case when place_of_night <= 16 then place_of_night end asc nulls last, place asc
        ) - 1
    )::integer as keyword_no,
    keyword_id
from placed
order by keyword_no
limit 24;

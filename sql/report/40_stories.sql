-- grain: one story of the window: those of the night that most publishers carry, then the others
create or replace temp table report_stories as
with shared as (
    select
        article_id,
        title,
        source_id,
        first_seen_on,
        n_publishers,
        n_sightings,
        row_number() over (
            partition by first_seen_on = getvariable('night')
            order by n_publishers desc, n_sightings desc, article_id asc
        ) as place
    from articles
    where
        n_publishers > 1
        and first_seen_on between getvariable('since') and getvariable('night')
)

select
    row_number() over (
        order by n_publishers desc, n_sightings desc, first_seen_on desc, article_id asc
    ) as story_no,
    article_id,
    title,
    first_seen_on as day,
    n_publishers,
    n_sightings
from shared
where place <= 40
order by story_no;

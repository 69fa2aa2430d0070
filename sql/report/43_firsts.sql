-- grain: one publisher of the report on one day: of the texts that others carry too, how many it
-- had first
create or replace temp table report_firsts as
select
    report_publishers.publisher_no,
    date_diff('day', getvariable('cube_since'), daily_publishers.day) as day_no,
    daily_publishers.n_shared,
    daily_publishers.n_first
from daily_publishers
inner join report_publishers on daily_publishers.source_id = report_publishers.source_id
where
    daily_publishers.n_shared > 0
    and daily_publishers.day between getvariable('since') and getvariable('night')
order by report_publishers.publisher_no, day_no;

-- grain: one rule by which one run of the report rejected records; beyond the seven commonest
-- rules all are one, without a name
create or replace temp table report_rejects as
with counted as (
    select
        report_runs.back,
        night_rejects.rule,
        night_rejects.n_rejects,
        night_rejects.n_open,
        night_rejects.example
    from night_rejects
    inner join report_runs on night_rejects.run_id = report_runs.run_id
),

common as (
    select
        rule,
        sum(n_rejects) as n
    from counted
    group by rule
    order by n desc, rule asc
    limit 7
)

select
    counted.back,
    common.rule,
    sum(counted.n_rejects)::bigint as n_rejects,
    sum(counted.n_open)::bigint as n_open,
    min(counted.example) as example
from counted
left join common on counted.rule = common.rule
group by counted.back, common.rule
order by counted.back desc, n_rejects desc, common.rule asc nulls last;

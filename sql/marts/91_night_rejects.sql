-- grain: one rule by which one run rejected records
create table night_rejects as
select
    nights.night,
    rejects.run_id,
    rejects.rule,
    count(*) as n_rejects,
    count(*) filter (where rejects.status = 'open') as n_open,
    min(rejects.detail) as example
from lake.ops.rejects as rejects
inner join nights on rejects.run_id = nights.run_id
group by nights.night, rejects.run_id, rejects.rule
order by rejects.run_id asc, n_rejects desc, rejects.rule asc;

comment on table night_rejects is 'One row for each rule by which a run rejected records.';
comment on column night_rejects.night is 'Night of the run, see nights.';
comment on column night_rejects.run_id is 'The run, see nights.';
comment on column night_rejects.rule is 'The rule, as a short name.';
comment on column night_rejects.n_rejects is 'Records that it rejected.';
comment on column night_rejects.n_open is 'Those that nobody has replayed or waived.';
comment on column night_rejects.example is 'What was wrong with one of them.';

-- Why a run was made, and the run that it went back to: a rollback has both.

alter table ops.runs add column reason varchar;
comment on column ops.runs.reason is 'Why a person had it run, in their words: of a rollback; null otherwise.';

alter table ops.runs add column target_run_id varchar;
comment on column ops.runs.target_run_id is 'Of a rollback the run that had published the tables as they are again; null otherwise.';

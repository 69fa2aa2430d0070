-- grain: one expectation in one audited run
create table night_expectations as
select
    nights.night,
    validations.run_id,
    validations.suite,
    validations.expectation,
    validations.description,
    validations.severity,
    validations.success,
    validations.n_checked,
    validations.n_unexpected,
    validations.observed
from lake.ops.validations as validations
inner join nights on validations.run_id = nights.run_id
order by validations.run_id, validations.suite, validations.expectation;

comment on table night_expectations is 'One row for each expectation in each audited run.';
comment on column night_expectations.night is 'Night of the run, see nights.';
comment on column night_expectations.run_id is 'The run, see nights.';
comment on column night_expectations.suite is 'The suite that holds the expectation.';
comment on column night_expectations.expectation is 'The expectation: its rule name, else its type and column.';
comment on column night_expectations.description is 'What it means, for a reader.';
comment on column night_expectations.severity is 'critical (rejects the row or blocks the run), warning or info.';
comment on column night_expectations.success is 'Whether it held.';
comment on column night_expectations.n_checked is 'Rows it looked at, where it counts rows.';
comment on column night_expectations.n_unexpected is 'Rows that broke it.';
comment on column night_expectations.observed is 'What was found, with the figure and its baseline.';

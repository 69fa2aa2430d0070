-- grain: one expectation of the runs of the night, those that failed first
create or replace temp table report_expectations as
select
    report_runs.back,
    night_expectations.suite,
    night_expectations.expectation,
    night_expectations.description,
    night_expectations.severity,
    night_expectations.success,
    night_expectations.n_checked,
    night_expectations.n_unexpected,
    night_expectations.observed
from night_expectations
inner join report_runs on night_expectations.run_id = report_runs.run_id
where
    report_runs.night = getvariable('night')::varchar
    or (getvariable('is_latest') and report_runs.back = 1)
order by
    night_expectations.success asc,
    case night_expectations.severity when 'critical' then 1 when 'warning' then 2 else 3 end asc,
    report_runs.back asc,
    night_expectations.suite asc,
    night_expectations.expectation asc
limit 120;

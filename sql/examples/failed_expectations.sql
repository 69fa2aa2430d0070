-- Which expectations of the audit did not hold?
select
    night,
    suite,
    expectation,
    severity,
    n_unexpected,
    description
from night_expectations
where not success
order by night, suite, expectation

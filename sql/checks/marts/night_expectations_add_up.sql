-- what nights counts is what night_expectations lists
select nights.run_id
from published.main.nights as nights
left join published.main.night_expectations as expectations
    on nights.run_id = expectations.run_id
group by nights.run_id, nights.n_expectations, nights.n_failed
having
    count(expectations.run_id) <> nights.n_expectations
    or count(*) filter (where not expectations.success) <> nights.n_failed

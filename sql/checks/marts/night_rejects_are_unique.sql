-- one row for each rule of each run, and none open that was not rejected
select
    run_id,
    rule
from published.main.night_rejects
group by run_id, rule
having count(*) > 1 or max(n_open - n_rejects) > 0

-- every run of the lake, once, with all of its rejects and expectations
select runs.run_id
from lake.ops.runs as runs
left join published.main.nights as nights on runs.run_id = nights.run_id
group by runs.run_id
having count(nights.run_id) <> 1

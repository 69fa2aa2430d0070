-- Which articles have the keyword sport (رياضة), however it is spelt?
select
    title,
    publisher,
    first_seen_at::date as day
from articles_about('رِيَاضَه')
order by day desc, title asc
limit 5

-- one row for each publisher and day, and shares are shares
select
    day,
    source_id
from published.main.daily_publishers
group by day, source_id
having
    count(*) > 1
    or min(least(title_share, date_share, keywords_share, first_share)) < 0
    or max(greatest(title_share, date_share, keywords_share, first_share)) > 1

-- one row for each two publishers, and the shares of one add up to 1
select source_id
from published.main.publisher_links
group by source_id
having
    abs(sum(link_share) - 1) > 0.000001
    or count(*) <> count(distinct row(target_source_id, is_resolved))

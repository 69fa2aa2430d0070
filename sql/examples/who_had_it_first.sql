-- Which texts travelled between publishers, who had each first, and how fast did the others follow?
select
    title,
    first_publisher,
    n_publishers,
    max(delay_minutes) as last_after_minutes
from story_flow
group by article_id, title, first_publisher, n_publishers
order by n_publishers desc, last_after_minutes asc, title asc
limit 10

-- Of which publishers do related links lead to articles that nobody has seen?
select
    publisher,
    n_links,
    round(link_share, 2) as unresolved_share
from publisher_links
where not is_resolved and publisher is not null
order by n_links desc, publisher asc
limit 10

-- Which articles were shown most often?
select
    title,
    publisher,
    n_sightings
from articles
order by n_sightings desc, title asc
limit 10

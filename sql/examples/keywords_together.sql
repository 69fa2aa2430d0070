-- Which keywords belong together, beyond chance?
select
    keyword_a,
    keyword_b,
    n_articles,
    round(npmi, 2) as closeness
from keyword_pairs
order by closeness desc, n_articles desc, keyword_a asc, keyword_b asc
limit 10

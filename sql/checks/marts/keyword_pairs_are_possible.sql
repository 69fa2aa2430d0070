-- a pair stands once, is no commoner than its keywords, and its NPMI is one
select
    keyword_a_id,
    keyword_b_id
from published.main.keyword_pairs
where
    keyword_a_id = keyword_b_id
    or n_articles > least(n_articles_a, n_articles_b)
    or npmi not between -1.000001 and 1.000001
union all
select
    keyword_a_id,
    keyword_b_id
from published.main.keyword_pairs
group by keyword_a_id, keyword_b_id
having count(*) > 1

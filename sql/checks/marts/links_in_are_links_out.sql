-- what is linked from somewhere is linked to somewhere
select sums.n_in
from (
    select
        sum(n_in) as n_in,
        sum(n_out_resolved) as n_out_resolved
    from published.main.article_links
) as sums
where sums.n_in <> sums.n_out_resolved

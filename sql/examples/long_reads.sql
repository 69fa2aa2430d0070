-- Which publishers write longest?
select
    publisher,
    count(*) as articles,
    round(avg(n_words)) as mean_words,
    quantile_disc(n_words, 0.5) as median_words
from articles
where publisher is not null
group by source_id, publisher
having count(*) >= 3
order by mean_words desc, publisher asc
limit 10

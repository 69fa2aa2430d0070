-- Which articles do most others link to?
select
    articles.title,
    articles.publisher,
    article_links.n_in,
    article_links.n_out_resolved
from article_links
inner join articles on article_links.article_id = articles.article_id
order by article_links.n_in desc, articles.title asc
limit 10

-- grain: one publisher whose pages link, and one that the links lead to, or none that is known
create table publisher_links as
with led as (
    select
        from_articles.source_id,
        to_articles.source_id as target_source_id,
        links.target_article_no is not null as is_resolved,
        count(*) as n_links
    from links
    inner join articles as from_articles on links.article_no = from_articles.article_no
    left join articles as to_articles on links.target_article_no = to_articles.article_no
    group by from_articles.source_id, to_articles.source_id, is_resolved
)

select
    led.source_id,
    publishers.publisher,
    led.target_source_id,
    targets.publisher as target_publisher,
    led.is_resolved,
    led.n_links,
    led.n_links / sum(led.n_links) over (partition by led.source_id) as link_share
from led
left join publishers on led.source_id = publishers.source_id
left join publishers as targets on led.target_source_id = targets.source_id
order by led.n_links desc, led.source_id asc, led.target_source_id asc, led.is_resolved asc;

comment on table publisher_links is 'One row for each publisher and each publisher that its related links lead to; links that lead to no known article are a row of their own.';
comment on column publisher_links.source_id is 'Publisher of the articles that link, see publishers; null for articles without a source.';
comment on column publisher_links.publisher is 'Its name.';
comment on column publisher_links.target_source_id is 'Publisher of the articles that the links lead to; null when unresolved, or without a source.';
comment on column publisher_links.target_publisher is 'Its name.';
comment on column publisher_links.is_resolved is 'Whether the links lead to articles of the lake.';
comment on column publisher_links.n_links is 'Links, each once for each two articles.';
comment on column publisher_links.link_share is 'n_links by all links of the publisher, 0 to 1: of the unresolved row, the unresolved share.';

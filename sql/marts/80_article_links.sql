-- grain: one article that links to others, or that others link to
-- A link counts once for each two articles, however many pages repeat it; one that leads to no
-- known article counts once for each title.
create table article_links as
with degrees_out as (
    select
        article_no,
        count(*) as n_out,
        count(target_article_no) as n_out_resolved
    from links
    group by article_no
),

degrees_in as (
    select
        target_article_no as article_no,
        count(*) as n_in
    from links
    where target_article_no is not null
    group by target_article_no
)

select
    articles.article_id,
    articles.title,
    articles.source_id,
    articles.publisher,
    articles.first_seen_on,
    coalesce(degrees_in.n_in, 0) as n_in,
    coalesce(degrees_out.n_out, 0) as n_out,
    coalesce(degrees_out.n_out_resolved, 0) as n_out_resolved,
    1 - degrees_out.n_out_resolved / degrees_out.n_out as unresolved_share
from articles
left join degrees_in on articles.article_no = degrees_in.article_no
left join degrees_out on articles.article_no = degrees_out.article_no
where degrees_in.n_in is not null or degrees_out.n_out is not null
order by n_in desc, articles.article_no asc;

comment on table article_links is 'One row for each article in the graph of related links: its in- and out-degree. A link counts once for each two articles.';
comment on column article_links.article_id is 'The article, see articles.';
comment on column article_links.title is 'Its title.';
comment on column article_links.source_id is 'Its publisher, see publishers.';
comment on column article_links.publisher is 'Name of its publisher.';
comment on column article_links.first_seen_on is 'Day (UTC) on which it was first seen.';
comment on column article_links.n_in is 'Articles that link to it.';
comment on column article_links.n_out is 'Links that its pages print.';
comment on column article_links.n_out_resolved is 'Those that lead to an article of the lake.';
comment on column article_links.unresolved_share is 'Part of n_out that leads to no article of the lake, 0 to 1; null without links.';

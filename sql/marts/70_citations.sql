-- grain: one publisher (or none known) and one source that its articles quote
create table citations as
with quoted as (
    select
        articles.source_id,
        citations.source_id as cited_source_id,
        count(*) as n_citations,
        count(distinct citations.article_id) as n_articles
    from lake.news.citations as citations
    inner join articles on citations.article_id = articles.article_id
    group by articles.source_id, citations.source_id
),

written as (
    select
        source_id,
        count(*) as n_articles
    from articles
    group by source_id
)

select
    quoted.source_id,
    publishers.publisher,
    quoted.cited_source_id,
    cited.publisher as cited,
    cited.kind as cited_kind,
    quoted.n_articles,
    quoted.n_citations,
    quoted.n_articles / written.n_articles as article_share,
    coalesce(quoted.source_id = quoted.cited_source_id, false) as is_self
from quoted
inner join publishers as cited on quoted.cited_source_id = cited.source_id
inner join written on quoted.source_id is not distinct from written.source_id
left join publishers on quoted.source_id = publishers.source_id
order by quoted.n_articles desc, quoted.source_id asc, quoted.cited_source_id asc;

comment on table citations is 'One row for each publisher and each agency or medium that its articles quote: who quotes whom.';
comment on column citations.source_id is 'The publisher of the articles, see publishers; null for articles without a source.';
comment on column citations.publisher is 'Its name.';
comment on column citations.cited_source_id is 'Who is quoted, see publishers.';
comment on column citations.cited is 'Its name.';
comment on column citations.cited_kind is 'Its kind: agency, newspaper, television …';
comment on column citations.n_articles is 'Articles of the publisher that quote it.';
comment on column citations.n_citations is 'Times that they do.';
comment on column citations.article_share is 'n_articles by all articles of the publisher, 0 to 1.';
comment on column citations.is_self is 'Whether a publisher quotes itself.';

-- grain: one publisher that has articles
create table agency_shares as
with citing as (
    select
        citations.article_id,
        bool_or(cited.kind = 'agency') as cites_agency
    from lake.news.citations as citations
    inner join articles on citations.article_id = articles.article_id
    inner join publishers as cited on citations.source_id = cited.source_id
    where citations.source_id is distinct from articles.source_id
    group by citations.article_id
)

select
    publishers.source_id,
    publishers.publisher,
    publishers.kind,
    publishers.country,
    count(*) as n_articles,
    count(citing.article_id) as n_articles_citing,
    count(*) filter (where citing.cites_agency) as n_articles_citing_agency,
    count(citing.article_id) / count(*) as citing_share,
    count(*) filter (where citing.cites_agency) / count(*) as agency_share
from articles
inner join publishers on articles.source_id = publishers.source_id
left join citing on articles.article_id = citing.article_id
group by publishers.source_id, publishers.publisher, publishers.kind, publishers.country
order by n_articles desc, publishers.source_id asc;

comment on table agency_shares is 'One row for each publisher with articles: how much of what it prints quotes others, and agencies. Quoting oneself does not count.';
comment on column agency_shares.source_id is 'The publisher, see publishers.';
comment on column agency_shares.publisher is 'Its name.';
comment on column agency_shares.kind is 'Its kind.';
comment on column agency_shares.country is 'Its country.';
comment on column agency_shares.n_articles is 'Its articles.';
comment on column agency_shares.n_articles_citing is 'Those that quote another agency or medium.';
comment on column agency_shares.n_articles_citing_agency is 'Those that quote another agency.';
comment on column agency_shares.citing_share is 'n_articles_citing by n_articles, 0 to 1.';
comment on column agency_shares.agency_share is 'n_articles_citing_agency by n_articles, 0 to 1.';

-- grain: one publisher or agency
create table publishers as
with written as (
    select
        source_id,
        count(*) as n_articles
    from lake.news.articles
    group by source_id
),

seen as (
    select
        source_id,
        sum(n_sightings)::bigint as n_sightings,
        min(observed_at)::date as first_seen_on,
        max(observed_at)::date as last_first_seen_on
    from copies
    group by source_id
),

cited as (
    select
        source_id,
        count(distinct article_id) as n_citing_articles
    from lake.news.citations
    group by source_id
)

select
    sources.source_id,
    sources.name as publisher,
    sources.name_en as publisher_en,
    sources.kind,
    sources.country,
    sources.is_known,
    sources.domain,
    coalesce(written.n_articles, 0) as n_articles,
    coalesce(seen.n_sightings, 0) as n_sightings,
    coalesce(cited.n_citing_articles, 0) as n_citing_articles,
    seen.first_seen_on,
    seen.last_first_seen_on as last_new_on
from lake.news.sources as sources
left join written on sources.source_id = written.source_id
left join seen on sources.source_id = seen.source_id
left join cited on sources.source_id = cited.source_id
order by n_articles desc, sources.source_id asc;

comment on table publishers is 'One row for each publisher or agency that a page names or an article quotes.';
comment on column publishers.source_id is 'The source, the same in every table.';
comment on column publishers.publisher is 'Name in Arabic; of an unknown source as printed.';
comment on column publishers.publisher_en is 'Name in English; null when unknown.';
comment on column publishers.kind is 'agency, newspaper, television, radio, portal, magazine, aggregator, government …; null when unknown.';
comment on column publishers.country is 'ISO 3166 code of its country; null for international and unknown ones.';
comment on column publishers.is_known is 'Whether the reference data holds it.';
comment on column publishers.domain is 'Its web domain, where known.';
comment on column publishers.n_articles is 'Articles whose best sighting names it as their source.';
comment on column publishers.n_sightings is 'Times that a page showed an article with it as the source.';
comment on column publishers.n_citing_articles is 'Articles, of whichever publisher, that quote it.';
comment on column publishers.first_seen_on is 'Day (UTC) on which an article of it was first seen; null when it is only quoted.';
comment on column publishers.last_new_on is 'Day (UTC) on which an article new to it was last seen; null when it is only quoted.';

-- What this night adds, after the audit: staged rows less those of rejected pages.
-- Every relation here is temporary; the lake is first written to in 20_articles.sql.

create or replace temp view night_pages as
select *
from staged_pages
where page_id not in (select page_id from rejected_pages);

-- grain: one dump of this run; pages that the audit threw out are rejects of their dumps
create or replace temp table night_dumps as
with late as (
    select
        dump_id,
        count(*) as n
    from staged_pages
    where page_id in (select page_id from rejected_pages)
    group by dump_id
)

select dumps.* replace (dumps.n_rejects + coalesce(late.n, 0) as n_rejects)
from staged_dumps as dumps
left join late on dumps.dump_id = late.dump_id;

-- grain: one article in one role on one page.
-- A basis says where a value comes from, and sorts by worth: rank, then time, then page.
-- A view: a table of a large night's would not stay in memory, and to read one range of it all of it
-- would have to come back; of the staged files most can be passed over.
create or replace temp view night_sightings as
with accepted as (
    select
        *,
        '|' || strftime(observed_at, '%Y-%m-%dT%H:%M:%S.%f') || '|' || page_id as moment
    from staged_sightings
    where page_id not in (select page_id from rejected_pages)
)

select
    *,
    title_rank || moment as title_basis,
    -- a page may print one text twice, with a source each
    source_rank || moment || if(role = 'main', '', '|read_also') as source_basis,
    if(role = 'main', '0', '1') || moment as role_basis
from accepted;

create or replace temp view night_related_links as
select *
from staged_related_links
where page_id not in (select page_id from rejected_pages);

-- filled by 12_night_articles.sql, for one range of ids after the other
create or replace temp table night_articles (
    article_id varchar,
    title varchar,
    title_key varchar,
    title_basis varchar,
    source_id varchar,
    source_basis varchar,
    published_at timestamptz,
    published_basis varchar,
    keywords_raw varchar,
    keywords_page_id varchar,
    keywords_basis varchar,
    body_page_id varchar,
    body_role varchar,
    body_basis varchar,
    first_seen_at timestamptz
);

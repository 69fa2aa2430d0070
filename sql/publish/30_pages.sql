-- grain: one page in one dump, and one article in one role on one page

insert into lake.news.pages by name
select *
from night_pages
order by observed_at, dump_id, member, record_no;

insert into lake.news.sightings by name
select
    page_id,
    article_id,
    role,
    title_raw,
    source_raw,
    source_id,
    observed_at,
    published_at,
    keywords_raw
from night_sightings
order by observed_at, page_id, role;

insert into lake.news.sighting_sources by name
select *
from staged_sighting_sources
where page_id not in (select page_id from rejected_pages)
order by page_id, role, position;

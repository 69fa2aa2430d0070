-- grain: one publisher or agency. A known one is as the reference data has it today; the name of an
-- unknown one is the shortest form seen, then the first, whatever the order of pages and nights
-- (`source_rows` in marsad/parse/sources.py chooses alike).

create or replace temp table named_sources as
with night as (
    select
        source_id,
        min_by(name, { 'n_chars': length(name), 'name': name }) as name,
        min(name_en) as name_en,
        min(kind) as kind,
        min(country) as country,
        bool_or(is_known) as is_known,
        min(domain) as domain
    from staged_sources
    where
        source_id in (
            select source_id from staged_sighting_sources
            where page_id not in (select page_id from rejected_pages)
            union all
            select source_id from night_sightings
            union all
            select source_id from staged_citations
            where page_id not in (select page_id from rejected_pages)
        )
    group by source_id
),

merged as (
    select
        night.* replace (
            if(
                night.is_known
                or old.name is null
                or (length(night.name), night.name) < (length(old.name), old.name),
                night.name, old.name
            ) as name
        ),
        old.name as old_name,
        old.source_id is null as is_new,
        (
            old.name_en is distinct from night.name_en
            or old.kind is distinct from night.kind
            or old.country is distinct from night.country
            or old.is_known is distinct from night.is_known
            or old.domain is distinct from night.domain
        ) as is_described_anew
    from night
    left join lake.news.sources as old on night.source_id = old.source_id
)

select
    * exclude (old_name, is_described_anew),
    (is_described_anew or name is distinct from old_name) as is_changed
from merged;

delete from lake.news.sources
where source_id in (
    select source_id from named_sources
    where is_changed and not is_new
);

insert into lake.news.sources by name
select * exclude (is_new, is_changed)
from named_sources
where is_changed
order by source_id;

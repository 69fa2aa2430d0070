-- grain: one link on one page. A link leads to the earliest article with its folded title, else to
-- the article with the nearest one. Looked at are the links of this night, and older ones with a
-- title that a changed article has, had, or comes near to.

-- grain: one title, by its hash, under which a changed article is found, or was
create or replace temp table affected_titles as
with changed as (
    select md5_number_lower(title_key) as title_hash from merged_articles
    where is_changed and title_key <> ''
    union
    select md5_number_lower(old_title_key) as title_hash from merged_articles
    where is_changed and old_title_key <> ''
    union
    select title_hash from unindexed_titles
)

select title_hash from changed
union
select near_hash as title_hash from lake.lookup.near_titles
where title_hash in (select title_hash from changed);

-- grain: one link that may change its target
create or replace temp table affected_links as
select
    page_id,
    position,
    article_id,
    md5_number_lower(nullif(title_key, '')) as title_hash,
    null::varchar as target_article_id,
    null::double as score,
    true as is_new
from night_related_links
union all
select
    page_id,
    position,
    article_id,
    title_hash,
    target_article_id,
    score,
    false as is_new
from lake.news.related_links
where title_hash in (select title_hash from affected_titles);

-- grain: one of the two best articles for one link title. Two are enough, because a link passes
-- over one article at most: that of its own page.
create or replace temp table link_candidates as
with titles as (
    select distinct title_hash
    from affected_links
    where title_hash is not null
),

wanted as (
    select
        title_hash,
        title_hash as wanted_hash,
        1.0::double as score
    from titles
    union all
    select
        title_hash,
        near_hash as wanted_hash,
        score
    from lake.lookup.near_titles
    where title_hash in (select title_hash from titles)
),

titled as (
    select
        article_id,
        title_hash,
        first_seen_at
    from lake.news.articles
    where title_hash in (select wanted_hash from wanted)
    qualify row_number() over (partition by title_hash order by first_seen_at, article_id) <= 2
)

select
    wanted.title_hash,
    titled.article_id,
    wanted.score,
    row_number() over (
        partition by wanted.title_hash
        order by wanted.score desc, titled.first_seen_at asc, titled.article_id asc
    ) as place
from wanted
inner join titled on wanted.wanted_hash = titled.title_hash
qualify place <= 2;

-- grain: one link that may change its target, with the target that it shall have
create or replace temp table resolved_links as
with found as (
    select
        links.page_id,
        links.position,
        min_by(candidates.article_id, candidates.place) as target,
        min_by(candidates.score, candidates.place) as score
    from affected_links as links
    inner join link_candidates as candidates
        on
            links.title_hash = candidates.title_hash
            and links.article_id is distinct from candidates.article_id
    group by links.page_id, links.position
)

select
    links.page_id,
    links.position,
    links.is_new,
    found.target,
    found.score,
    case when found.score = 1 then 'exact' when found.score < 1 then 'near' end as match
from affected_links as links
left join found on links.page_id = found.page_id and links.position = found.position
where
    links.is_new
    or found.target is distinct from links.target_article_id
    or found.score is distinct from links.score;

update lake.news.related_links
set
    target_article_id = resolved_links.target,
    match = resolved_links.match,
    score = resolved_links.score
from resolved_links
where
    not resolved_links.is_new
    and related_links.page_id = resolved_links.page_id
    and related_links.position = resolved_links.position;

insert into lake.news.related_links by name
select
    night.page_id,
    night.article_id,
    night.position,
    night.title,
    night.title_key,
    md5_number_lower(nullif(night.title_key, '')) as title_hash,
    night.url,
    resolved.target as target_article_id,
    resolved.match,
    resolved.score
from night_related_links as night
inner join resolved_links as resolved
    on night.page_id = resolved.page_id and night.position = resolved.position
order by night.page_id, night.position;

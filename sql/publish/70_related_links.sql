-- grain: one link on one page. A link leads to the earliest article with its folded title, else to
-- the article with the nearest one. Looked at are the links of this night, and older ones with a
-- title that a changed article has, had, or comes near to.

-- grain: one title, by its hash, under which a changed article is found, or was
create or replace temp table affected_titles as
with changed as (
    select key_hash(title_key) as title_hash from merged_articles
    where is_changed and title_key <> ''
    union
    select key_hash(old_title_key) as title_hash from merged_articles
    where is_changed and old_title_key <> ''
    union
    select title_hash from unindexed_titles
)

select title_hash from changed
union
select near_hash as title_hash from lake.lookup.near_titles
where title_hash in (select title_hash from changed);

-- grain: one link of an older night that may change its target
create or replace temp table affected_links as
select
    page_id,
    position,
    article_id,
    title_hash,
    target_article_id,
    score
from lake.news.related_links
where title_hash in (select title_hash from affected_titles);

-- grain: one title of a link, with the two best articles for it. Two are enough, because a link
-- passes over one article at most: that of its own page.
create or replace temp table link_targets as
with titles as (
    select title_hash from night_titles
    union
    select title_hash from affected_links
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
),

candidates as (
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
    qualify place <= 2
)

select
    title_hash,
    min(article_id) filter (place = 1) as first_article_id,
    min(score) filter (place = 1) as first_score,
    min(article_id) filter (place = 2) as second_article_id,
    min(score) filter (place = 2) as second_score
from candidates
group by title_hash;

-- grain: one link of an older night that changes its target
create or replace temp table changed_links as
with found as (
    select
        links.page_id,
        links.position,
        links.target_article_id as old_target,
        links.score as old_score,
        if(
            targets.first_article_id is distinct from links.article_id,
            targets.first_article_id, targets.second_article_id
        ) as target,
        if(
            targets.first_article_id is distinct from links.article_id,
            targets.first_score, targets.second_score
        ) as score
    from affected_links as links
    left join link_targets as targets on links.title_hash = targets.title_hash
)

select
    page_id,
    position,
    target,
    score
from found
where target is distinct from old_target or score is distinct from old_score;

update lake.news.related_links
set
    target_article_id = changed_links.target,
    match = case
        when changed_links.score = 1 then 'exact' when changed_links.score < 1 then 'near'
    end,
    score = changed_links.score
from changed_links
where
    related_links.page_id = changed_links.page_id
    and related_links.position = changed_links.position;

insert into lake.news.related_links by name
with hashed as (
    select
        *,
        key_hash(nullif(title_key, '')) as title_hash
    from night_related_links
),

resolved as (
    select
        links.page_id,
        links.article_id,
        links.position,
        links.title,
        links.title_key,
        links.title_hash,
        links.url,
        if(
            targets.first_article_id is distinct from links.article_id,
            targets.first_article_id, targets.second_article_id
        ) as target_article_id,
        if(
            targets.first_article_id is distinct from links.article_id,
            targets.first_score, targets.second_score
        ) as score
    from hashed as links
    left join link_targets as targets on links.title_hash = targets.title_hash
)

select
    *,
    case when score = 1 then 'exact' when score < 1 then 'near' end as match
from resolved;

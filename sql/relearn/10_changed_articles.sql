-- Articles whose keywords are other than the model of today cuts them. What follows is the
-- publication's own sql/publish/40_keywords.sql, which replaces the keywords of these articles.

create or replace temp table merged_articles as
with old as (
    select
        article_id,
        list((keyword_id, position, n_occurrences, confidence, keyword_raw) order by position)
            as keywords
    from lake.news.article_keywords
    group by article_id
),

new as (
    select
        article_id,
        min(page_id) as page_id,
        list((keyword_id, position, n_occurrences, confidence, keyword) order by position)
            as keywords
    from staged_article_keywords
    group by article_id
)

select
    coalesce(new.article_id, old.article_id) as article_id,
    new.page_id as keywords_page_id,
    true as has_new_keywords,
    false as is_new
from old
full join new on old.article_id = new.article_id
where old.keywords is distinct from new.keywords;

-- The counts are made anew of all lines.
delete from lake.model.keyword_phrases;
delete from lake.model.keyword_words;
delete from lake.model.keyword_totals;

create or replace temp view checked_articles as
select article_id from merged_articles;

create or replace temp view checked_pages as
select page_id from lake.news.pages
where false;

create or replace temp view checked_dumps as
select dump_id from lake.ops.dumps
where false;

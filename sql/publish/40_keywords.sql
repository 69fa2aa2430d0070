-- grain: one keyword of one article; the keywords of an article are those of its best line

create or replace temp table night_article_keywords as
select staged.*
from staged_article_keywords as staged
inner join merged_articles as merged
    on staged.article_id = merged.article_id and staged.page_id = merged.keywords_page_id
where merged.has_new_keywords;

-- grain: one keyword whose articles change
create or replace temp table affected_keywords as
select old.keyword_id
from lake.news.article_keywords as old
where
    old.article_id in (
        select merged.article_id from merged_articles as merged
        where merged.has_new_keywords and not merged.is_new
    )
union
select keyword_id
from night_article_keywords;

delete from lake.news.article_keywords
where article_id in (
    select article_id from merged_articles
    where has_new_keywords and not is_new
);

insert into lake.news.article_keywords by name
select
    article_id,
    keyword_id,
    position,
    n_occurrences,
    confidence,
    keyword as keyword_raw
from night_article_keywords
order by article_id, position;

-- grain: one affected keyword that an article still has; the commonest form, then the least
create or replace temp table shown_keywords as
with forms as (
    select
        keyword_id,
        keyword_raw,
        count(*) as n
    from lake.news.article_keywords
    where keyword_id in (select keyword_id from affected_keywords)
    group by keyword_id, keyword_raw
),

ranked as (
    select
        keyword_id,
        keyword_raw,
        row_number() over (partition by keyword_id order by n desc, keyword_raw asc) as place
    from forms
),

keys as (
    select
        keyword_id,
        min(keyword_key) as keyword_key
    from night_article_keywords
    group by keyword_id
)

select
    ranked.keyword_id,
    ranked.keyword_raw as keyword,
    coalesce(old.keyword_key, keys.keyword_key) as keyword_key,
    old.keyword as old_keyword
from ranked
left join lake.news.keywords as old on ranked.keyword_id = old.keyword_id
left join keys on ranked.keyword_id = keys.keyword_id
where ranked.place = 1;

delete from lake.news.keywords
where
    keyword_id in (
        select keyword_id from affected_keywords
        except
        select keyword_id from shown_keywords
        where keyword is not distinct from old_keyword
    );

insert into lake.news.keywords by name
select
    keyword_id,
    keyword,
    keyword_key
from shown_keywords
where keyword is distinct from old_keyword
order by keyword_key;

-- What the night's lines add to the phrase model.
insert into lake.model.keyword_phrases by name
select
    *,
    key_hash(keyword_key) as phrase_hash
from staged_keyword_phrases;

insert into lake.model.keyword_words by name
select *
from staged_keyword_words
order by word_key;

insert into lake.model.keyword_totals by name
select * from staged_keyword_totals;

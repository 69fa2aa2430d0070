-- grain: one keyword
create table keywords as
with used as (
    select
        keyword_no,
        count(*) as n_articles,
        min(article_no) as first_article_no,
        max(article_no) as last_article_no
    from tags
    group by keyword_no
)

select
    numbered_keywords.keyword_id,
    numbered_keywords.keyword,
    numbered_keywords.keyword_key,
    used.n_articles,
    first_articles.first_seen_on,
    last_articles.first_seen_on as last_new_on
from used
inner join numbered_keywords on used.keyword_no = numbered_keywords.keyword_no
inner join numbered_articles as first_articles
    on used.first_article_no = first_articles.article_no
inner join numbered_articles as last_articles on used.last_article_no = last_articles.article_no
order by used.n_articles desc, numbered_keywords.keyword_key asc;

comment on table keywords is 'One row for each keyword that an article has; forms that fold alike are one.';
comment on column keywords.keyword_id is 'The keyword, the same in every table.';
comment on column keywords.keyword is 'The commonest form, for display.';
comment on column keywords.keyword_key is 'Folded form, see fold_ar.';
comment on column keywords.n_articles is 'Articles that have it.';
comment on column keywords.first_seen_on is 'Day (UTC) on which the first of its articles was first seen.';
comment on column keywords.last_new_on is 'Day (UTC) on which the last of its articles was first seen.';

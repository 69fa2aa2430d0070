-- grain: one keyword
create table keywords as
with used as (
    select
        article_keywords.keyword_id,
        count(*) as n_articles,
        min(articles.first_seen_at)::date as first_seen_on,
        max(articles.first_seen_at)::date as last_new_on
    from lake.news.article_keywords as article_keywords
    inner join lake.news.articles as articles
        on article_keywords.article_id = articles.article_id
    group by article_keywords.keyword_id
)

select
    keywords.keyword_id,
    keywords.keyword,
    keywords.keyword_key,
    used.n_articles,
    used.first_seen_on,
    used.last_new_on
from lake.news.keywords as keywords
inner join used on keywords.keyword_id = used.keyword_id
order by used.n_articles desc, keywords.keyword_key asc;

comment on table keywords is 'One row for each keyword that an article has; forms that fold alike are one.';
comment on column keywords.keyword_id is 'The keyword, the same in every table.';
comment on column keywords.keyword is 'The commonest form, for display.';
comment on column keywords.keyword_key is 'Folded form, see fold_ar.';
comment on column keywords.n_articles is 'Articles that have it.';
comment on column keywords.first_seen_on is 'Day (UTC) on which the first of its articles was first seen.';
comment on column keywords.last_new_on is 'Day (UTC) on which the last of its articles was first seen.';

-- Ids are texts of 32 characters. What is joined, grouped and sorted by the million goes by numbers
-- instead, which stand for them within one build; temporary, and gone when the file is built.

-- grain: one article; numbers follow first_seen_at
create temp table numbered_articles as
select
    articles.article_id,
    articles.first_seen_at::date as first_seen_on,
    row_number() over (order by articles.first_seen_at, articles.article_id)::integer
        as article_no
from lake.news.articles as articles;

-- grain: one keyword; numbers follow keyword_id
create temp table numbered_keywords as
select
    keywords.keyword_id,
    keywords.keyword,
    keywords.keyword_key,
    row_number() over (order by keywords.keyword_id)::integer as keyword_no
from lake.news.keywords as keywords;

-- grain: one keyword of one article
create temp table tags as
select
    numbered_keywords.keyword_no,
    numbered_articles.article_no,
    article_keywords.position::integer as position,
    article_keywords.confidence::float as confidence
from lake.news.article_keywords as article_keywords
inner join numbered_articles on article_keywords.article_id = numbered_articles.article_id
inner join numbered_keywords on article_keywords.keyword_id = numbered_keywords.keyword_id;

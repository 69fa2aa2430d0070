-- grain: one keyword of one article
create table article_keywords as
select
    keywords.keyword_id,
    article_keywords.article_id,
    keywords.keyword,
    article_keywords.position::integer as position,
    article_keywords.confidence::float as confidence
from lake.news.article_keywords as article_keywords
inner join keywords on article_keywords.keyword_id = keywords.keyword_id
order by keywords.keyword_id, article_keywords.article_id;

comment on table article_keywords is 'One row for each keyword of each article.';
comment on column article_keywords.keyword_id is 'The keyword, see keywords.';
comment on column article_keywords.article_id is 'The article, see articles.';
comment on column article_keywords.keyword is 'The keyword''s display form.';
comment on column article_keywords.position is 'Place of the keyword among those of the article, from 1.';
comment on column article_keywords.confidence is 'Probability that the keyword line was cut rightly here, 0 to 1; 1 for delimited lines.';

-- grain: one keyword of one article
create table article_keywords as
select
    numbered_keywords.keyword_id,
    numbered_articles.article_id,
    numbered_keywords.keyword,
    tags.position,
    tags.confidence,
    tags.article_no
from tags
inner join numbered_keywords on tags.keyword_no = numbered_keywords.keyword_no
inner join numbered_articles on tags.article_no = numbered_articles.article_no
order by tags.keyword_no, tags.article_no;

comment on table article_keywords is 'One row for each keyword of each article.';
comment on column article_keywords.keyword_id is 'The keyword, see keywords.';
comment on column article_keywords.article_id is 'The article, see articles.';
comment on column article_keywords.keyword is 'The keyword''s display form.';
comment on column article_keywords.position is 'Place of the keyword among those of the article, from 1.';
comment on column article_keywords.confidence is 'Probability that the keyword line was cut rightly here, 0 to 1; 1 for delimited lines.';
comment on column article_keywords.article_no is 'Number of the article in this file, see articles.';

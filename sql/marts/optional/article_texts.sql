-- grain: one article; made only where MARSAD_PUBLISH_BODIES asks for it
create table article_texts as
select
    articles.article_id,
    lake_articles.body
from articles
inner join lake.news.articles as lake_articles
    on articles.article_id = lake_articles.article_id
order by articles.article_no;

comment on table article_texts is 'One row for each article: its whole text. Only in files that were asked to hold it.';
comment on column article_texts.article_id is 'The article, see articles.';
comment on column article_texts.body is 'The text, as its best page prints it; paragraphs by a blank line.';

-- What the marts of links start from; temporary, and gone when the file is built.

-- grain: one link between two articles, or from one to a title that no known article has, however
-- many pages repeat it
create temp table links as
select distinct
    numbered_articles.article_no,
    targets.article_no as target_article_no,
    case when related_links.target_article_id is null then related_links.title_hash end
        as unresolved_title
from lake.news.related_links as related_links
inner join numbered_articles on related_links.article_id = numbered_articles.article_id
left join numbered_articles as targets
    on related_links.target_article_id = targets.article_id;

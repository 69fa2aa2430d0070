-- grain: one distinct text. Rows that no value of this night betters stay untouched.

-- grain: one changed article whose text stays as it is in the lake; read before it is deleted there
create or replace temp table kept_texts as
select
    merged.article_id,
    old.body,
    old.lead,
    old.n_paragraphs,
    old.n_words,
    old.n_chars,
    old.language,
    old.parser_version
from merged_articles as merged
inner join lake.news.articles as old on merged.article_id = old.article_id
where merged.is_changed and not merged.has_new_body;

-- grain: one changed article, as it is to stand in the lake. The two parts are written as they come:
-- to carry the texts through a sort, or to keep them for a join, costs as much as to write them.
create or replace temp view changed_articles as
select
    merged.*,
    texts.lead,
    texts.body,
    texts.n_paragraphs,
    texts.n_words,
    texts.n_chars,
    texts.language,
    texts.parser_version
from staged_articles as texts
inner join merged_articles as merged
    on
        texts.page_id = merged.body_page_id
        and texts.role = merged.body_role
        and texts.article_id = merged.article_id
where merged.is_changed and merged.has_new_body
union all
select
    merged.*,
    texts.lead,
    texts.body,
    texts.n_paragraphs,
    texts.n_words,
    texts.n_chars,
    texts.language,
    texts.parser_version
from kept_texts as texts
inner join merged_articles as merged on texts.article_id = merged.article_id;

delete from lake.news.articles
where article_id in (
    select article_id from merged_articles
    where is_changed and not is_new
);

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

-- grain: one changed article; its text as the best of its sightings prints it
create or replace temp view changed_texts as
select
    merged.article_id,
    staged.body,
    staged.lead,
    staged.n_paragraphs,
    staged.n_words,
    staged.n_chars,
    staged.language,
    staged.parser_version
from merged_articles as merged
inner join staged_articles as staged
    on
        merged.body_page_id = staged.page_id
        and merged.body_role = staged.role
        and merged.article_id = staged.article_id
where merged.is_changed and merged.has_new_body
union all
select *
from kept_texts;

delete from lake.news.articles
where article_id in (
    select article_id from merged_articles
    where is_changed and not is_new
);

insert into lake.news.articles by name
select
    merged.article_id,
    merged.title,
    merged.title_key,
    md5_number_lower(nullif(merged.title_key, '')) as title_hash,
    texts.lead,
    texts.body,
    merged.source_id,
    merged.published_at,
    merged.first_seen_at,
    texts.n_paragraphs,
    texts.n_words,
    texts.n_chars,
    texts.language,
    merged.keywords_raw,
    texts.parser_version,
    merged.title_basis,
    merged.source_basis,
    merged.published_basis,
    merged.body_basis,
    merged.keywords_basis
from merged_articles as merged
inner join changed_texts as texts on merged.article_id = texts.article_id
order by merged.first_seen_at, merged.article_id;

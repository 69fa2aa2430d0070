-- grain: one quotation of a source in one article, at its place in the printed body

delete from lake.news.citations
where article_id in (
    select article_id from merged_articles
    where has_new_body and not is_new
);

insert into lake.news.citations by name
select distinct
    staged.article_id,
    staged.char_offset,
    staged.citation_raw,
    staged.source_id
from staged_citations as staged
inner join merged_articles as merged
    on staged.article_id = merged.article_id and staged.page_id = merged.body_page_id
where merged.has_new_body
order by staged.article_id, staged.char_offset;

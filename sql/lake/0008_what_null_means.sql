-- What null means in ids that may be null, and how a basis of a text is told that one page prints twice.

comment on column news.pages.main_article_id is 'The page''s main article, see news.articles; null where only the second one has a body.';
comment on column news.related_links.article_id is 'The page''s main article; null where only the second one has a body.';
comment on column news.sightings.source_id is 'First source that source_raw names, see news.sources; null where it names none.';
comment on column news.articles.source_id is 'Best source that any sighting gives, see news.sources; null where none names one.';
comment on column news.articles.source_basis is 'Where the source comes from: rank|observed_at|page_id, and |read_also if it is of the page''s second article; the least wins.';

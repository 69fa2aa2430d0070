-- What the checks of sql/checks/ look at before the commit: the rows of this night.

create or replace temp view checked_articles as
select article_id from merged_articles;

create or replace temp view checked_pages as
select page_id from night_pages;

create or replace temp view checked_dumps as
select dump_id from night_dumps;

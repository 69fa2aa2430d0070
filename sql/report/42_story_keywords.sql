-- grain: one followed keyword of one story
create or replace temp table report_story_keywords as
select
    report_stories.story_no,
    report_keywords.keyword_no
from article_keywords
inner join report_stories on article_keywords.article_id = report_stories.article_id
inner join report_keywords on article_keywords.keyword_id = report_keywords.keyword_id
order by report_stories.story_no, report_keywords.keyword_no;

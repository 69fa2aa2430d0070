-- grain: one publisher of one story, the first of those that carry it
create or replace temp table report_story_copies as
select
    report_stories.story_no,
    story_flow.source_id,
    story_flow.place,
    story_flow.delay_minutes,
    story_flow.appeared_at,
    story_flow.time_basis
from story_flow
inner join report_stories on story_flow.article_id = report_stories.article_id
qualify
    row_number() over (
        partition by story_flow.article_id order by story_flow.place, story_flow.source_id
    ) <= 40
order by report_stories.story_no, story_flow.place, story_flow.source_id;

-- every story has two publishers or more, each once, a first place, and no copy before it
select article_id
from published.main.story_flow
group by article_id
having
    count(*) < 2
    or count(*) <> count(distinct source_id)
    or count(*) <> min(n_publishers)
    or min(place) <> 1
    or min(delay_minutes) <> 0

-- one row for each source of the lake
select sources.source_id
from lake.news.sources as sources
left join published.main.publishers as publishers on sources.source_id = publishers.source_id
group by sources.source_id
having count(publishers.source_id) <> 1

-- From which dump and record did the newest pages come?
select
    pages.title,
    pages.record_no,
    pages.byte_offset,
    regexp_extract(dumps.uri, '[^/]*$') as dump
from news.pages
inner join ops.dumps on pages.dump_id = dumps.dump_id
order by pages.observed_at desc, dumps.uri asc, pages.record_no asc
limit 5

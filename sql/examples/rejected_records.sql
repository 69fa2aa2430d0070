-- What was rejected, by which rule, and where does it stand?
select
    rejects.record_no,
    rejects.rule,
    rejects.detail,
    regexp_extract(dumps.uri, '[^/]*$') as dump
from ops.rejects
inner join ops.dumps on rejects.dump_id = dumps.dump_id
where rejects.status = 'open'
order by dump, rejects.record_no, rejects.rule
limit 20

-- What became of the dumps and records of this run, and what the audit said.
-- A dump that failed before is tried again: its old row and its old rejects give way.

delete from lake.ops.dumps
where dump_id in (select dump_id from night_dumps);

insert into lake.ops.dumps by name
select *
from night_dumps
order by uri;

delete from lake.ops.rejects
where
    dump_id in (select dump_id from night_dumps)
    and reject_id in (select reject_id from night_rejects);

insert into lake.ops.rejects by name
select *
from night_rejects
order by dump_id, member, record_no, rule;

insert into lake.ops.validations by name
select *
from night_validations;

-- What a replay needs to publish a reject as the page it would have been, and how it was settled.

alter table ops.rejects add column observed_default timestamptz;
comment on column ops.rejects.observed_default is 'When the record was seen unless it says so itself, UTC; null in rows of before there was a replay.';

alter table ops.rejects add column raw_form varchar;
comment on column ops.rejects.raw_form is 'How the whole record is read from raw: page (a text), object (JSON as in the dump) or fields (JSON under our names); null where raw is cut or not enough, so that a replay needs the dump''s file.';

alter table ops.rejects add column replay_run_id varchar;
comment on column ops.rejects.replay_run_id is 'The run that published it after all; null otherwise.';

alter table ops.rejects add column reason varchar;
comment on column ops.rejects.reason is 'Why a person gave it up, in their words; null otherwise.';

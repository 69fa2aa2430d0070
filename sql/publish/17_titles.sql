-- grain: one pair of titles that are nearly alike; see marsad/lake/titles.py for what that means.
-- A pair is found once, on the night of its later title: it depends on its two titles alone.
-- This early, because one core makes the signatures, and one is left over while the audit runs.

-- grain: one new title that may have near ones. A table of its own, so that the engine sees how few
-- they are: the join below would otherwise hold all other signatures of a large night.
create or replace temp table new_whole_titles as
select
    signature,
    title_hash,
    n_words
from new_signatures
where n_left_out = 0;

-- grain: one ordered pair of near titles, of which one at least is new
create or replace temp table new_near_titles as
with pairs as (
    select
        known.title_hash as one_hash,
        known.n_words as one_words,
        new.title_hash as other_hash,
        new.n_words as other_words
    from lake.lookup.title_signatures as known
    inner join new_signatures as new on known.signature = new.signature
    where known.n_left_out = 0 or new.n_left_out = 0
    union
    select
        short.title_hash as one_hash,
        short.n_words as one_words,
        long.title_hash as other_hash,
        long.n_words as other_words
    from new_signatures as long
    inner join new_whole_titles as short on long.signature = short.signature
    where long.n_left_out > 0
),

scored as (
    select
        one_hash,
        other_hash,
        2.0 * least(one_words, other_words) / (one_words + other_words) as score
    from pairs
)

select
    one_hash as title_hash,
    other_hash as near_hash,
    score
from scored
union all
select
    other_hash as title_hash,
    one_hash as near_hash,
    score
from scored;

insert into lake.lookup.title_signatures by name
select *
from new_signatures;

insert into lake.lookup.near_titles by name
select *
from new_near_titles
order by title_hash, near_hash;

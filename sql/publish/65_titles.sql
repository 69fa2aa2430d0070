-- grain: one pair of titles that are nearly alike; see marsad/lake/titles.py for what that means.
-- A pair is found once, on the night of its later title: it depends on its two titles alone.

-- grain: one way to leave words out of one title of this night's links and changed articles
create or replace temp table used_signatures as
select *
from night_title_signatures
where
    title_hash in (
        select md5_number_lower(title_key) from night_related_links
        union all
        select md5_number_lower(title_key) from merged_articles
        where is_changed
        union all
        select title_hash from unindexed_titles
    );

-- grain: one row of the index that shares a signature with a title of this night
create or replace temp table found_signatures as
select
    known.title_hash as known_hash,
    known.n_words as known_words,
    known.n_left_out as known_left_out,
    night.title_hash as night_hash,
    night.n_words as night_words,
    night.n_left_out as night_left_out
from lake.lookup.title_signatures as known
inner join used_signatures as night on known.signature = night.signature
where known.n_left_out = 0 or night.n_left_out = 0;

create or replace temp table new_signatures as
select *
from used_signatures
where
    title_hash not in (
        select night_hash from found_signatures
        where known_left_out = 0 and night_left_out = 0
    );

create or replace temp table new_near_titles as
with pairs as (
    select
        found.known_hash as one_hash,
        found.known_words as one_words,
        found.night_hash as other_hash,
        found.night_words as other_words
    from found_signatures as found
    where
        found.known_left_out + found.night_left_out > 0
        and found.night_hash in (select title_hash from new_signatures)
    union
    select
        short.title_hash as one_hash,
        short.n_words as one_words,
        long.title_hash as other_hash,
        long.n_words as other_words
    from new_signatures as short
    inner join new_signatures as long on short.signature = long.signature
    where short.n_left_out = 0 and long.n_left_out > 0
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
from new_signatures
order by title_hash, n_left_out, signature;

insert into lake.lookup.near_titles by name
select *
from new_near_titles
order by title_hash, near_hash;

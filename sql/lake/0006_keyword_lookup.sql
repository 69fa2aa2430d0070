-- How a night reads the counts of those phrases that stand in its own lines and no others: by a
-- hash, for eight bytes are read many times faster than a phrase, and by totals over all of them.

alter table model.keyword_phrases add column phrase_hash ubigint;
comment on column model.keyword_phrases.phrase_hash is 'Hash of keyword_key, by which a night finds it.';
update model.keyword_phrases set phrase_hash = md5_number_lower(keyword_key);

-- grain: one run
create table model.keyword_totals (
    n_phrases bigint,
    n_rare bigint,
    n_words bigint,
    n_distinct_words bigint
);
comment on table model.keyword_totals is 'By how much each run changed the totals over model.keyword_phrases and model.keyword_words; the totals are the sums of its rows.';
comment on column model.keyword_totals.n_phrases is 'Times that a phrase was a keyword, over all phrases, in parts of 65536.';
comment on column model.keyword_totals.n_rare is 'The same, over the phrases that were one once or less; it falls when one of them comes again.';
comment on column model.keyword_totals.n_words is 'Words in keyword lines.';
comment on column model.keyword_totals.n_distinct_words is 'Different ones among them.';

insert into model.keyword_totals
with counted as (
    select
        true as is_phrase,
        sum(65536 * n_delimited + n_expected) as n
    from model.keyword_phrases
    group by keyword_key
    union all
    select
        false as is_phrase,
        sum(n) as n
    from model.keyword_words
    group by word_key
)

select
    coalesce(sum(n) filter (is_phrase), 0) as n_phrases,
    coalesce(sum(n) filter (is_phrase and n <= 65536), 0) as n_rare,
    coalesce(sum(n) filter (not is_phrase), 0) as n_words,
    count(*) filter (not is_phrase) as n_distinct_words
from counted
having count(*) > 0;

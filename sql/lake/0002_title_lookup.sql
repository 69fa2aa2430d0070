-- How links find the articles they mean: by a hash of the folded title, and by an index of titles
-- that are nearly alike, apart from the tables for people. Eight bytes a title are read many times
-- faster than the title.

alter table news.articles add column title_hash ubigint;
comment on column news.articles.title_hash is 'Hash of title_key, by which links find it; null without a title.';
update news.articles set title_hash = md5_number_lower(nullif(title_key, ''));

alter table news.related_links add column title_hash ubigint;
comment on column news.related_links.title_hash is 'Hash of title_key, by which it finds its target; null without a title.';
update news.related_links set title_hash = md5_number_lower(nullif(title_key, ''));

create schema lookup;

-- grain: one way to leave words out of one title
create table lookup.title_signatures (
    signature ubigint,
    title_hash ubigint,
    n_words utinyint,
    n_left_out utinyint
);
comment on table lookup.title_signatures is 'One row for each title that an article or a link has had, whole, and one for each way to leave one word out, or some at an end. Two titles are near if one, whole, is the other with words left out.';
comment on column lookup.title_signatures.signature is 'Hash of the words that are left, in order.';
comment on column lookup.title_signatures.title_hash is 'The title, as in news.articles and news.related_links.';
comment on column lookup.title_signatures.n_words is 'Words of the title.';
comment on column lookup.title_signatures.n_left_out is 'Words left out; 0 for the whole title.';

-- grain: one ordered pair of titles that are near each other
create table lookup.near_titles (
    title_hash ubigint,
    near_hash ubigint,
    score double
);
comment on table lookup.near_titles is 'One row for each two titles that are nearly alike, in either order.';
comment on column lookup.near_titles.title_hash is 'A title, of an article or a link.';
comment on column lookup.near_titles.near_hash is 'Another title, which has some words more or some fewer.';
comment on column lookup.near_titles.score is 'Twice the words that both have, by the words of both.';

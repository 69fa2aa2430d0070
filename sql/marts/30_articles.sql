-- grain: one article with keywords, in parts, because lists stay in memory, and ordered afterwards,
-- which costs half of an ordered aggregate
create temp table tagged (article_no integer, n_keywords bigint, keywords varchar);

insert into tagged
select
    tags.article_no,
    count(*) as n_keywords,
    array_to_string(
        list_select(list(numbered_keywords.keyword), list_grade_up(list(tags.position))), '، '
    ) as keywords
from tags
inner join numbered_keywords on tags.keyword_no = numbered_keywords.keyword_no
where tags.article_no % 4 = 0
group by tags.article_no;

insert into tagged
select
    tags.article_no,
    count(*) as n_keywords,
    array_to_string(
        list_select(list(numbered_keywords.keyword), list_grade_up(list(tags.position))), '، '
    ) as keywords
from tags
inner join numbered_keywords on tags.keyword_no = numbered_keywords.keyword_no
where tags.article_no % 4 = 1
group by tags.article_no;

insert into tagged
select
    tags.article_no,
    count(*) as n_keywords,
    array_to_string(
        list_select(list(numbered_keywords.keyword), list_grade_up(list(tags.position))), '، '
    ) as keywords
from tags
inner join numbered_keywords on tags.keyword_no = numbered_keywords.keyword_no
where tags.article_no % 4 = 2
group by tags.article_no;

insert into tagged
select
    tags.article_no,
    count(*) as n_keywords,
    array_to_string(
        list_select(list(numbered_keywords.keyword), list_grade_up(list(tags.position))), '، '
    ) as keywords
from tags
inner join numbered_keywords on tags.keyword_no = numbered_keywords.keyword_no
where tags.article_no % 4 = 3
group by tags.article_no;

-- grain: one article
create temp table counted as
with seen as (
    select
        article_id,
        sum(n_sightings)::bigint as n_sightings,
        count(source_id) as n_publishers
    from copies
    group by article_id
)

select
    numbered_articles.article_no,
    numbered_articles.article_id,
    coalesce(seen.n_sightings, 0) as n_sightings,
    coalesce(seen.n_publishers, 0) as n_publishers,
    coalesce(tagged.n_keywords, 0) as n_keywords,
    tagged.keywords
from numbered_articles
left join seen on numbered_articles.article_id = seen.article_id
left join tagged on numbered_articles.article_no = tagged.article_no;

drop table tagged;

-- grain: one distinct text
create table articles as
select
    counted.article_no,
    articles.article_id,
    articles.title,
    articles.lead,
    articles.source_id,
    sources.name as publisher,
    articles.published_at,
    articles.first_seen_at,
    articles.first_seen_at::date as first_seen_on,
    articles.language,
    articles.n_words,
    articles.n_chars,
    articles.n_paragraphs,
    counted.n_sightings,
    counted.n_publishers,
    counted.n_keywords,
    counted.keywords
from lake.news.articles as articles
inner join counted on articles.article_id = counted.article_id
left join lake.news.sources as sources on articles.source_id = sources.source_id
order by counted.article_no;

drop table counted;

comment on table articles is 'One row for each distinct text, whichever pages, titles and publishers it was seen with.';
comment on column articles.article_no is 'Number of the row in this file, by first_seen_at; another file may number otherwise.';
comment on column articles.article_id is 'The article, the same in every table, file and night: a hash of its folded text.';
comment on column articles.title is 'Best title that any page gives it.';
comment on column articles.lead is 'First paragraph.';
comment on column articles.source_id is 'Best source that any page gives it, see publishers.';
comment on column articles.publisher is 'Name of that source, in Arabic.';
comment on column articles.published_at is 'When it was published, as its best page says, UTC; null when none says.';
comment on column articles.first_seen_at is 'When a page first showed it, UTC.';
comment on column articles.first_seen_on is 'Day (UTC) of first_seen_at.';
comment on column articles.language is 'ISO 639-1 code (ar, fa, ku, en, fr), else other.';
comment on column articles.n_words is 'Words of the text.';
comment on column articles.n_chars is 'Characters (code points) of the text.';
comment on column articles.n_paragraphs is 'Paragraphs of the text.';
comment on column articles.n_sightings is 'Times that a page showed it.';
comment on column articles.n_publishers is 'Publishers that pages name as its source: more than one is a story that travelled, see story_flow.';
comment on column articles.n_keywords is 'Keywords it has, see article_keywords.';
comment on column articles.keywords is 'Its keywords, in order, with an Arabic comma between two; null without.';

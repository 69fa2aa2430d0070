-- Questions that readers of the published file ask by name. The same names, less those of the
-- search index, are in the lake: see lake_macros.sql.

-- Articles with these words in title, lead or keywords: those with most of the words first, then
-- by BM25; a hundred at most. Words are compared by their stems: العراق (Iraq) finds العراقية (Iraqi).
create or replace macro search_articles(search_text) as table
-- Row n of `articles` is article n + 1, and DuckDB reads no more than what it must of a table for up
-- to fifty rows that it is given the numbers of: hence the two halves.
with wanted as (
    select distinct term_no
    from search.words
    where word in (select unnest(string_split(fold_ar(search_text), ' ')))
),

hits as materialized (
    select
        postings.article_no,
        count(*) as n_words_found,
        sum(postings.score) as score
    from search.postings as postings
    where postings.term_no in (select wanted.term_no from wanted)
    group by postings.article_no
    order by n_words_found desc, score desc, postings.article_no desc
    limit 100
),

placed as materialized (
    select
        *,
        row_number() over (order by n_words_found desc, score desc, article_no desc) as place
    from hits
),

shown as (
    select * from articles
    where rowid in (select placed.article_no - 1 from placed where placed.place <= 50)
    union all
    select * from articles
    where rowid in (select placed.article_no - 1 from placed where placed.place > 50)
)

select
    shown.article_id,
    shown.title,
    shown.publisher,
    shown.first_seen_on,
    shown.lead,
    placed.n_words_found,
    round(placed.score / 1000, 3) as score
from placed
inner join shown on placed.article_no = shown.article_no
order by placed.place;

-- Articles that have a keyword, in any of its spellings, newest first.
create or replace macro articles_about(about) as table
-- By row number, as above: a join would read every title of the file for a keyword that a few have.
select
    articles.article_id,
    articles.title,
    articles.publisher,
    articles.first_seen_at,
    articles.keywords
from articles
where rowid in (
    select article_keywords.article_no - 1
    from article_keywords
    where article_keywords.keyword_id in (
        select keywords.keyword_id
        from keywords
        where keywords.keyword_key = fold_ar(about)
    )
)
order by articles.first_seen_at desc, articles.article_id asc;

-- Who carried an article, who had it first, and how many minutes later the others.
create or replace macro story_of(of_article) as table
select
    story_flow.place,
    story_flow.publisher,
    story_flow.appeared_at,
    story_flow.delay_minutes,
    story_flow.time_basis,
    story_flow.n_sightings
from story_flow
where story_flow.article_id = of_article
order by story_flow.place asc, story_flow.publisher asc;

-- A keyword day by day, over the last days that were covered; days without it are 0.
create or replace macro trend(about, n_days) as table
select
    coverage_days.day,
    coalesce(counted.n_articles, 0) as n_articles,
    coalesce(counted.share, 0) as share,
    counted.burst
from coverage_days
left join (
    select keyword_days.*
    from keyword_days
    inner join keywords on keyword_days.keyword_id = keywords.keyword_id
    where keywords.keyword_key = fold_ar(about)
) as counted on coverage_days.day = counted.day
where coverage_days.day > (select max(coverage_days.day) from coverage_days) - n_days
order by coverage_days.day;

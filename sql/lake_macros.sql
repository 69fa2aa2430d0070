-- Questions that people ask the lake by name; made anew in it whenever this file changes. The
-- published file answers the same names from its marts, and searches by stems.

-- Articles whose title, lead or keyword line has all of these words, as folded; newest first.
create or replace macro search_articles(search_text) as table
select
    articles.article_id,
    articles.title,
    sources.name as publisher,
    articles.first_seen_at::date as first_seen_on,
    articles.lead
from news.articles as articles
left join news.sources as sources on articles.source_id = sources.source_id
where list_has_all(
    string_split(fold_ar(concat_ws(' ', articles.title, articles.lead, articles.keywords_raw)), ' '),
    string_split(fold_ar(search_text), ' ')
)
order by articles.first_seen_at desc, articles.article_id asc;

-- Articles that have a keyword, in any of its spellings, newest first.
create or replace macro articles_about(about) as table
select
    articles.article_id,
    articles.title,
    sources.name as publisher,
    articles.first_seen_at,
    article_keywords.confidence
from news.keywords as keywords
inner join news.article_keywords as article_keywords
    on keywords.keyword_id = article_keywords.keyword_id
inner join news.articles as articles on article_keywords.article_id = articles.article_id
left join news.sources as sources on articles.source_id = sources.source_id
where keywords.keyword_key = fold_ar(about)
order by articles.first_seen_at desc, articles.article_id asc;

-- Which publishers carried an article, when each was first seen with it, and on how many pages.
create or replace macro story_of(of_article) as table
select
    sources.name as publisher,
    min(sightings.observed_at) as observed_at,
    min(sightings.published_at) as published_at,
    count(*) as n_sightings
from news.sightings as sightings
inner join news.sources as sources on sightings.source_id = sources.source_id
where sightings.article_id = of_article
group by sources.source_id, sources.name
order by observed_at asc, publisher asc;

-- A keyword day by day, over the last days that were covered; days without it are left out.
create or replace macro trend(about, n_days) as table
select
    articles.first_seen_at::date as day,
    count(*) as n_articles
from news.keywords as keywords
inner join news.article_keywords as article_keywords
    on keywords.keyword_id = article_keywords.keyword_id
inner join news.articles as articles on article_keywords.article_id = articles.article_id
where
    keywords.keyword_key = fold_ar(about)
    and articles.first_seen_at::date
    > (select max(newest.first_seen_at)::date from news.articles as newest) - n_days
group by day
order by day;

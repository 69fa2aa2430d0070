-- grain: one unordered pair of keywords that two articles or more have both of
-- NPMI: ln(p(a,b) / (p(a) p(b))) / -ln p(a,b), of articles that have any keyword; Bouma, "Normalized
-- (Pointwise) Mutual Information in Collocation Extraction" (GSCL 2009).
create table keyword_pairs as
with numbered as (
    select
        keywords.*,
        numbered_keywords.keyword_no,
        row_number() over (order by keywords.keyword_key)::integer as key_no
    from keywords
    inner join numbered_keywords on keywords.keyword_id = numbered_keywords.keyword_id
    where keywords.n_articles > 1
),

shared as (
    select
        tags.article_no,
        numbered.key_no
    from tags
    inner join numbered on tags.keyword_no = numbered.keyword_no
),

pairs as (
    select
        a.key_no as a_no,
        b.key_no as b_no,
        count(*) as n_articles
    from shared as a
    inner join shared as b on a.article_no = b.article_no and a.key_no < b.key_no
    group by a.key_no, b.key_no
    having count(*) > 1
),

tagged as (
    select count(*) as n
    from articles
    where n_keywords > 0
)

select
    a.keyword_id as keyword_a_id,
    a.keyword as keyword_a,
    b.keyword_id as keyword_b_id,
    b.keyword as keyword_b,
    pairs.n_articles,
    a.n_articles as n_articles_a,
    b.n_articles as n_articles_b,
    case
        when pairs.n_articles = tagged.n then 1.0
        else
            ln(pairs.n_articles::double * tagged.n / (a.n_articles::double * b.n_articles))
            / -ln(pairs.n_articles::double / tagged.n)
    end as npmi
from pairs
cross join tagged
inner join numbered as a on pairs.a_no = a.key_no
inner join numbered as b on pairs.b_no = b.key_no
order by pairs.n_articles desc, pairs.a_no asc, pairs.b_no asc;

comment on table keyword_pairs is 'One row for each two keywords that at least two articles have both of, in one order: keyword_a sorts before keyword_b.';
comment on column keyword_pairs.keyword_a_id is 'The keyword that sorts first by its folded form, see keywords.';
comment on column keyword_pairs.keyword_a is 'Its display form.';
comment on column keyword_pairs.keyword_b_id is 'The other keyword, see keywords.';
comment on column keyword_pairs.keyword_b is 'Its display form.';
comment on column keyword_pairs.n_articles is 'Articles that have both.';
comment on column keyword_pairs.n_articles_a is 'Articles that have the first.';
comment on column keyword_pairs.n_articles_b is 'Articles that have the second.';
comment on column keyword_pairs.npmi is 'Normalised pointwise mutual information (Bouma 2009): 1 always together, 0 as by chance, below 0 less than that.';

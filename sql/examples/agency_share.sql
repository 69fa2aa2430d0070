-- How much of what each publisher prints leans on agencies?
select
    publisher,
    n_articles,
    n_articles_citing_agency,
    round(agency_share, 2) as share
from agency_shares
where n_articles >= 3
order by share desc, n_articles desc, publisher asc
limit 10

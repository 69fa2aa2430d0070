-- one row for each publisher; who quotes an agency quotes somebody
select source_id
from published.main.agency_shares
group by source_id
having
    count(*) > 1
    or max(n_articles_citing_agency - n_articles_citing) > 0
    or max(n_articles_citing - n_articles) > 0

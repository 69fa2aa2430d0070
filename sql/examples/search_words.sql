-- Which articles speak of the government of Iraq (حكومة العراق)?
select
    title,
    publisher,
    n_words_found,
    score
from search_articles('حكومة العراق')
order by n_words_found desc, score desc, title asc
limit 5

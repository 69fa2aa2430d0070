-- article n is row n - 1, by which search_articles finds it
select article_no
from published.main.articles
where rowid <> article_no - 1

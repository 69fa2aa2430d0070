-- How well are titles, sources, dates and keywords filled, night by night?
select
    night,
    n_pages,
    round(title_share, 3) as titles,
    round(source_share, 3) as sources,
    round(date_share, 3) as dates,
    round(keywords_share, 3) as keywords
from nights
where status = 'published'
order by night, run_id

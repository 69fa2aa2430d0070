"""A lake of any size, grown by SQL from one real night.

The night goes through the pipeline: pages of `marsad synth`, parsed, audited and published. Then
its rows are repeated under new ids until there are enough articles. A repeated row is no copy:
half the words of its title and lead, and half its keywords, are drawn by Zipf's law from a
vocabulary of 200,000, and its times are moved to one of the nights. What is left out is what
serving does not read: whole texts (an article's body is its lead) and the lookup tables.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from marsad.lake.connect import attach, connect
from marsad.synth.generate import SynthOptions, generate

HERE = Path(__file__).resolve().parent
PAGES, NIGHTS, VOCABULARY = 6_000, 60, 200_000

_MACROS = f"""
-- An id of a repetition; the first is the night itself.
create or replace temp macro again(id, r) as
    case when r = 0 or id is null then id else left(sha256(id || '/' || r), 32) end;
create or replace temp macro later(t, r) as t + to_days((r % {NIGHTS})::integer);
create or replace temp macro letter(n) as
    substr('ابتثجحخدذرزسشصضطظعغفقكلمنهوي', (n % 28)::integer + 1, 1);
-- A word of a rank; ranks are drawn with a chance of one by rank, which is Zipf's law.
create or replace temp macro word(n) as
    letter(n * 5) || letter(n // 28 + 3) || letter(n // 784 + 11) || letter(n // 21952 + n);
create or replace temp macro rank(h) as
    exp((h >> 12) / 4503599627370496.0 * ln({VOCABULARY}))::bigint;
create or replace temp macro reworded(line, r) as
    case when r = 0 then line else array_to_string(
        list_transform(
            string_split(line, ' '),
            lambda w, i: case when hash(line, r, i) % 2 = 0
                then w else word(rank(hash(line, i, r))) end
        ),
        ' '
    ) end;
create or replace temp macro is_new(id, r) as r > 0 and hash(id) % 2 = 0;
"""

#: What each table holds beside the night itself; `r` counts the repetitions. Sources, and half
#: the keywords, are shared by all.
_GROWN = {
    "news.pages": "* exclude (r) replace (again(page_id, r) as page_id,"
    " again(dump_id, r) as dump_id, again(main_article_id, r) as main_article_id,"
    " later(observed_at, r) as observed_at, later(published_at, r) as published_at,"
    " later(updated_at, r) as updated_at)",
    "news.articles": "* exclude (r) replace (again(article_id, r) as article_id,"
    " reworded(title, r) as title, reworded(lead, r) as lead, lead as body,"
    " later(published_at, r) as published_at, later(first_seen_at, r) as first_seen_at,"
    " hash(title_hash, r) as title_hash)",
    "news.sightings": "* exclude (r) replace (again(page_id, r) as page_id,"
    " again(article_id, r) as article_id,"
    " later(observed_at, r) as observed_at, later(published_at, r) as published_at)",
    "news.sighting_sources": "* exclude (r) replace (again(page_id, r) as page_id,"
    " again(article_id, r) as article_id)",
    "news.related_links": "* exclude (r) replace (again(page_id, r) as page_id,"
    " again(article_id, r) as article_id, again(target_article_id, r) as target_article_id,"
    " hash(title_hash, r) as title_hash)",
    "news.citations": "* exclude (r) replace (again(article_id, r) as article_id)",
    "ops.dumps": f"* exclude (r) replace (again(dump_id, r) as dump_id,"
    f" again(run_id, r % {NIGHTS}) as run_id)",
}


def grown_lake(folder: Path, articles: int) -> Path:
    """Return a lake with that many articles, made once for each size."""
    lake = folder / f"lake-{articles}"
    if (lake / ".grown").exists():
        return lake
    shutil.rmtree(lake, ignore_errors=True)
    base = folder / "base"
    shutil.rmtree(base, ignore_errors=True)
    made = generate(SynthOptions(pages=PAGES, seed=21, out=base, days=3, processes=2, truth=False))
    command = [sys.executable, str(HERE / "night.py"), str(lake), "2", str(made.dumps)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    _grow(lake, articles)
    shutil.rmtree(base)
    (lake / ".grown").touch()
    return lake


def _grow(lake: Path, articles: int) -> None:
    con = connect(temp=lake / "spill")
    try:
        attach(con, lake, read_only=False)
        con.execute("set memory_limit = '3GB'")
        con.execute(_MACROS)
        con.execute("use lake.news")
        row = con.execute("select count(*) from news.articles").fetchone()
        assert row is not None
        times = -(-articles // row[0])
        con.execute("begin")
        con.execute(f"""
            create temp table repetitions as select unnest(range(1, {times})) as r;
            create temp table tags as
            select tags.*, keyword, keyword_key
            from news.article_keywords as tags inner join news.keywords using (keyword_id);
            create temp table grown_tags as
            select again(article_id, r) as article_id, position, n_occurrences, confidence,
                keyword_raw, is_new(article_id || position, r) as is_new,
                case when is_new(article_id || position, r)
                    then word(rank(hash(article_id, position, r))) end as new_word,
                case when is_new(article_id || position, r)
                    then left(sha256(new_word), 32) else keyword_id end as keyword_id
            from tags cross join repetitions;
            insert into news.keywords
            select distinct keyword_id, new_word, fold_ar(new_word) from grown_tags where is_new;
            insert into news.article_keywords by name
            select distinct on (article_id, keyword_id) * exclude (is_new, new_word)
            from grown_tags;
        """)
        for table, columns in _GROWN.items():
            # Every repetition of the same night is a dump of its own, of that night's run.
            con.execute(f"insert into {table} select {columns} from {table} cross join repetitions")
        con.execute(f"""
            insert into ops.runs
            select * exclude (r) replace (again(run_id, r) as run_id,
                started_at + to_days(r::integer) as started_at,
                finished_at + to_days(r::integer) as finished_at)
            from ops.runs cross join (select unnest(range(1, {min(times, NIGHTS)})) as r);
            insert into ops.validations
            select * exclude (r) replace (again(run_id, r) as run_id)
            from ops.validations cross join (select unnest(range(1, {min(times, NIGHTS)})) as r);
            commit
        """)
    finally:
        con.close()
        shutil.rmtree(lake / "spill", ignore_errors=True)

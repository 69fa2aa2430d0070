"""The published file of a large lake: what it costs to build, and how fast it answers.

    make bench-serve      (which is: python benchmarks/serve.py --output docs/performance.md)

The lake is grown by SQL from a night of the pipeline (`grown_lake.py`), once for each size. The
build is a process of its own; so is each start of `marsad sql`. The queries run in one process
that opened the file read-only with two threads, each 30 times with other parameters.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
from grown_lake import grown_lake
from measured import measured
from page import machine, renew

TIMES = 30
GOAL, SEARCH_GOAL = 100, 200  # milliseconds, at the 95th percentile

#: What one asks of each mart, and the values that one asks it with.
QUERIES = {
    "about": ("from about", "select null"),
    "agency_shares": (
        "from agency_shares where country is not distinct from $1 order by agency_share desc",
        "select country from publishers",
    ),
    "article_keywords": (
        "select article_id, confidence from article_keywords where keyword_id = $1 limit 100",
        "select keyword_id from keywords",
    ),
    "article_links": (
        "select title, n_in, n_out from article_links where source_id = $1"
        " order by n_in desc limit 20",
        "select source_id from publishers where n_articles > 0",
    ),
    "articles, of a day": (
        "select title, publisher, n_words from articles where first_seen_on = $1"
        " order by n_words desc limit 20",
        "select day from coverage_days",
    ),
    "articles, by id": (
        "from articles where article_id = $1",
        "select article_id from story_flow limit 5000",
    ),
    "citations": (
        "select cited, n_articles, article_share from citations where source_id = $1"
        " order by n_articles desc",
        "select source_id from publishers where n_articles > 0",
    ),
    "coverage_days": (
        "from coverage_days where day >= $1 order by day",
        "select day from coverage_days",
    ),
    "daily_publishers": (
        "select publisher, sum(n_articles), avg(first_share) from daily_publishers"
        " where day between $1 and $1 + 6 group by publisher order by 2 desc limit 20",
        "select day from coverage_days",
    ),
    "keyword_days, of a day": (
        "select keyword, n_articles, burst from keyword_days where day = $1"
        " order by burst desc limit 20",
        "select day from coverage_days",
    ),
    "keyword_days, of a keyword": (
        "select day, n_articles, share, change_7d from keyword_days where keyword_id = $1"
        " order by day",
        "select keyword_id from keywords",
    ),
    "keyword_pairs": (
        "select keyword_a, keyword_b, n_articles, npmi from keyword_pairs"
        " where keyword_a_id = $1 or keyword_b_id = $1 order by npmi desc limit 20",
        "select keyword_id from keywords",
    ),
    "keywords": (
        "from keywords where keyword_key = fold_ar($1)",
        "select keyword from keywords",
    ),
    "night_expectations": (
        "from night_expectations where night = $1 and not success",
        "select night from nights",
    ),
    "night_rejects": ("from night_rejects where night = $1", "select night from nights"),
    "nights": ("from nights where night >= $1 order by night", "select night from nights"),
    "publisher_links": (
        "from publisher_links where source_id = $1 order by n_links desc",
        "select source_id from publishers where n_articles > 0",
    ),
    "publishers": (
        "from publishers where country is not distinct from $1 order by n_articles desc",
        "select country from publishers",
    ),
    "story_flow": (
        "select first_publisher, publisher, count(*), median(delay_minutes) from story_flow"
        " where first_source_id = $1 and place > 1 group by all order by 3 desc limit 20",
        "select source_id from publishers where n_articles > 0",
    ),
    "story_of": ("from story_of($1)", "select article_id from story_flow limit 5000"),
    "articles_about": ("from articles_about($1) limit 20", "select keyword from keywords"),
    "trend, 30 days": ("from trend($1, 30)", "select keyword from keywords"),
    "search, one word": (
        "from search_articles($1) limit 20",
        "select word from search.words",
    ),
    "search, the words of a title": (
        "from search_articles($1) limit 20",
        "select title from articles where title is not null",
    ),
    "search, the commonest words": (
        "from search_articles($1) limit 20",
        "select string_agg(word, ' ') from (select word, row_number() over (order by n desc) as no"
        " from (select any_value(word) as word, term_no from search.words group by term_no) as w"
        " inner join (select term_no, count(*) as n from search.postings group by term_no) as t"
        " on w.term_no = t.term_no order by n desc limit 60) group by no // 2",
    ),
}


def query_times(published: Path) -> Iterator[tuple[str, float, float]]:
    """Time every query; yields its name, its median and its 95th percentile in milliseconds."""
    con = duckdb.connect(str(published), read_only=True, config={"threads": 2})
    for name, (query, values) in QUERIES.items():
        # Every value is as likely as another, and the same ones are drawn in every run.
        drawn = con.execute(
            f"select v from ({values}) as t (v) order by hash(v), v limit {TIMES}"
        ).fetchall()
        took = []
        for number in range(TIMES):
            value = drawn[number % len(drawn)]
            began = time.perf_counter()
            con.execute(query, value if "$1" in query else []).fetchall()
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        yield name, took[TIMES // 2], took[int(TIMES * 0.95)]


def table_sizes(published: Path) -> list[tuple[str, int, float]]:
    """Return the name, rows and megabytes of the largest tables."""
    with duckdb.connect(str(published), read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
        ).fetchall()
        found = []
        for name, rows in tables:
            row = con.execute(
                "select count(distinct block_id) from pragma_storage_info(?) where block_id >= 0",
                [name],
            ).fetchone()
            assert row is not None
            found.append((name.removeprefix("main."), rows, row[0] * 0.262144))
    return sorted(found, key=lambda one: -one[2])[:8]


def build(lake: Path) -> None:
    """Build the published file, and print what it took as a JSON object."""
    from marsad.night.served import serve
    from marsad.settings import load_settings

    served = serve(load_settings(lake=lake, workers=2))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"bytes": served.n_bytes, "cpu": used.ru_utime + used.ru_stime}))


def report(lake: Path) -> None:
    """Write the report, and print what it took as a JSON object."""
    from marsad.night.served import write_report
    from marsad.settings import load_settings

    written = write_report(load_settings(lake=lake))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"bytes": written.n_bytes, "cpu": used.ru_utime + used.ru_stime}))


def sql_starts(lake: Path) -> list[float]:
    """Time ten starts of `marsad sql`, in seconds, in order of length."""
    command = [str(Path(sys.executable).with_name("marsad")), "sql", "select 1", "--lake", lake]
    took = []
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    return sorted(took)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "marsad-bench-serve",
        help="where the lake is kept for the next time",
    )
    arguments.add_argument("--no-build", action="store_true", help="the file as it is")
    arguments.add_argument("--output", type=Path, help="page whose part is renewed")
    arguments.add_argument("--build-alone", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--report-alone", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.build_alone:
        build(chosen.build_alone)
        return
    if chosen.report_alone:
        report(chosen.report_alone)
        return
    chosen.folder.mkdir(parents=True, exist_ok=True)
    lake = grown_lake(chosen.folder, chosen.articles)
    published = lake / "marsad.duckdb"
    lines = [f"{chosen.articles:,} articles over 60 nights; {machine()}.", ""]
    lines += ["| what | s | goal | CPU s | peak MB |", "| --- | ---: | ---: | ---: | ---: |"]
    if not chosen.no_build:
        built = measured([sys.executable, __file__, "--build-alone", str(lake)])
        lines.append(
            f"| building the published file | {built.seconds:.1f} | < 60 |"
            f" {built.said['cpu']:.1f} | {built.peak / 1e6:,.0f} |"
        )
    wrote = measured([sys.executable, __file__, "--report-alone", str(lake)])
    lines.append(
        f"| the report, {wrote.said['bytes'] / 1e6:.2f} MB | {wrote.seconds:.1f} | < 10 |"
        f" {wrote.said['cpu']:.1f} | {wrote.peak / 1e6:,.0f} |"
    )
    starts = sql_starts(lake)
    lines.append(f"| `marsad sql`, to its end, slowest of ten | {starts[-1]:.2f} | < 1 | | |")
    size = published.stat().st_size / 1e6
    lines += ["", f"The file has {size:,.0f} MB:", ""]
    lines += ["| table | rows | MB |", "| --- | ---: | ---: |"]
    lines += [f"| `{name}` | {rows:,} | {mb:,.0f} |" for name, rows, mb in table_sizes(published)]
    lines += ["", "| query | median ms | 95th percentile ms | goal |"]
    lines += ["| --- | ---: | ---: | ---: |"]
    for name, median, high in query_times(published):
        goal = SEARCH_GOAL if name.startswith("search") else GOAL
        lines.append(f"| {name} | {median:.1f} | {high:.1f} | < {goal} |")
        print(lines[-1], file=sys.stderr)
    sys.stdout.write("\n".join(lines) + "\n")
    if chosen.output:
        renew(chosen.output, "serve", lines)


if __name__ == "__main__":
    main()

"""How well near links are found, and what a night of them costs in lakes of different sizes.

    python benchmarks/links.py [--pages 4000] [--articles 10000 1000000]

Quality, by threshold. Invented pages: of the links that print a title of another page a little
changed, how many find it (recall), and how many of all near matches lead where the truth says
(precision). Real titles (SaudiNewsNet, where `MARSAD_SHARED` names its folder): pairs of near
titles over articles with the same text (half of the shorter body's four-word runs, or more, stand
in the other) and over articles with different ones (less than a fifth).

Cost: the statements that find and write near titles and links, for a night of 1,000 articles and
10,000 links of which a quarter are near.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from marsad.lake.connect import open_lake
from marsad.lake.migrate import migrate
from marsad.lake.title_index import stage_signatures
from marsad.lake.titles import title_hashes, title_signatures
from marsad.parse.arabic import fold_series
from marsad.settings import PROJECT_DIR
from marsad.synth.articles import open_press, titles
from marsad.synth.generate import SynthOptions, generate

SQL = PROJECT_DIR / "sql"
THRESHOLDS = (0.95, 0.92, 0.9, 0.88, 0.85, 0.8, 0.75)
STATEMENTS = ("65_titles.sql", "70_related_links.sql")
NIGHT_ARTICLES, NIGHT_LINKS = 1_000, 10_000
BREAKING = "عاجل "  # "breaking", in front of a title


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def near_pairs(keys: pl.Series) -> pl.DataFrame:
    """Every pair of near titles down to the lowest threshold: short, long, score."""
    rows = title_signatures(keys, THRESHOLDS[-1])
    pairs = rows.filter(n_left_out=0).join(
        rows.filter(pl.col("n_left_out") > 0), on="signature", suffix="_long"
    )
    score = 2 * pl.col("n_words") / (pl.col("n_words") + pl.col("n_words_long"))
    named = pl.DataFrame({"key": keys, "hash": title_hashes(keys)})
    return (
        pairs.join(named, left_on="title_hash", right_on="hash")
        .join(named, left_on="title_hash_long", right_on="hash", suffix="_long")
        .select(short="key", long="key_long", score=score.cast(pl.Float64))
        .unique()
    )


def made_links(pages: int, folder: Path) -> tuple[pl.DataFrame, int]:
    """Near matches of invented pages with whether each is right; and how many should be found."""
    generate(SynthOptions(pages=pages, out=folder, seed=2024))
    truth = pl.read_parquet(folder / "truth" / "*.parquet")
    shown = pl.concat(
        [
            truth.select(article="main_article", title="title"),
            truth.select(article="read_also_article", title="read_also_title"),
        ]
    ).drop_nulls()
    shown = shown.select("article", key=fold_series(shown["title"])).unique()
    links = truth.select("main_article", "links", "link_targets", "link_matches").explode(
        "links", "link_targets", "link_matches"
    )
    links = links.filter(pl.col("links").is_not_null()).with_columns(
        key=fold_series(links["links"].drop_nulls())
    )
    links = links.filter(~pl.col("key").is_in(shown["key"].implode()))
    pairs = near_pairs(pl.concat([shown["key"], links["key"]]).unique())
    both = pl.concat([pairs, pairs.select(short="long", long="short", score="score")])
    found = (
        links.select("main_article", "key", target="link_targets")
        .unique()
        .join(both, left_on="key", right_on="short")
        .join(shown, left_on="long", right_on="key")
        .filter(pl.col("article") != pl.col("main_article"))
    )
    expected = links.filter(link_matches="near").select("main_article", "key").unique().height
    return found.with_columns(right=pl.col("article") == pl.col("target")), expected


def runs_of_four(body: str) -> set[int]:
    words = body.split(" ")
    return {hash(tuple(words[at : at + 4])) for at in range(max(1, len(words) - 3))}


def real_pairs(shared: Path) -> pl.DataFrame:
    """Near titles of SaudiNewsNet: score, and how much of the shorter body is in the other."""
    rows = [
        (record["title"] or "", record["content"] or "")
        for path in sorted((shared / "corpora" / "saudinewsnet").glob("*.zip"))
        for archive in [zipfile.ZipFile(path)]
        for name in archive.namelist()
        for record in json.loads(archive.read(name))
    ]
    frame = pl.DataFrame(rows, schema=["title", "body"], orient="row").select(
        pl.col("title").map_batches(fold_series), pl.col("body").map_batches(fold_series)
    )
    frame = frame.filter(pl.col("body").str.len_chars() > 100).unique(maintain_order=True)
    pairs = (
        near_pairs(frame["title"].unique())
        .join(frame, left_on="short", right_on="title")
        .join(frame, left_on="long", right_on="title", suffix="_long")
    )
    return pairs.with_columns(
        shared=pl.Series(
            [
                len(one & other) / min(len(one), len(other))
                for one, other in zip(
                    map(runs_of_four, pairs["body"]),
                    map(runs_of_four, pairs["body_long"]),
                    strict=True,
                )
            ],
            dtype=pl.Float64,
        )
    )


def quality(pages: int, shared: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made, expected = made_links(pages, Path(folder) / "synth")
    real = None if shared is None else real_pairs(shared)
    say("threshold  made: recall  precision   real: same text  between  different")
    for threshold in THRESHOLDS:
        kept = made.filter(pl.col("score") >= threshold - 1e-9)
        right = kept.filter("right").select("main_article", "key").unique().height
        line = f"{threshold:9.2f} {right / expected:13.4f} {kept['right'].mean():10.4f}"
        if real is not None:
            part = real.filter(pl.col("score") >= threshold - 1e-9)["shared"]
            same, other = (part >= 0.5).sum(), (part < 0.2).sum()
            line += f" {same:16} {len(part) - same - other:8} {other:10}"
        say(line)


def filled(con: duckdb.DuckDBPyConnection, keys: pl.Series, rng: np.random.Generator) -> None:
    """Fill a lake with one article for each title, and two links."""
    con.register("filling", keys.to_frame("title_key").with_row_index("i"))
    con.execute(
        "insert into lake.news.articles by name select md5(i::varchar) as article_id, title_key,"
        " title_key as title, md5_number_lower(title_key) as title_hash,"
        " timestamptz '2024-01-01' + to_seconds(i) as first_seen_at"
        " from filling"
    )
    links = keys.gather(rng.integers(0, max(1, len(keys)), 2 * len(keys)))
    con.register("filling", links.to_frame("title_key").with_row_index("i"))
    con.execute(
        "insert into lake.news.related_links by name select md5((i // 10)::varchar) as page_id,"
        " 1 + i % 10 as position, md5((i // 10)::varchar) as article_id, title_key,"
        " title_key as title, md5_number_lower(title_key) as title_hash,"
        " md5(i::varchar) as target_article_id, 'exact' as match, 1.0 as score from filling"
    )
    for start in range(0, len(keys), 1 << 18):
        con.register("filling", title_signatures(keys[start : start + (1 << 18)]))
        con.execute(
            "insert into lake.lookup.title_signatures by name from filling"
            " order by title_hash, n_left_out, signature"
        )
    con.unregister("filling")


def night(con: duckdb.DuckDBPyConnection, number: int, new: pl.Series, linked: pl.Series) -> None:
    """Make the relations that a night hands to the statements measured."""
    con.register("night_new", new.to_frame("title_key").with_row_index("i"))
    con.execute(
        "create or replace temp table merged_articles as select md5($1 || i) as article_id,"
        " title_key, null::varchar as old_title_key, true as is_changed,"
        " timestamptz '2024-06-01' as first_seen_at from night_new",
        [f"night {number} "],
    )
    con.register("night_linked", linked.to_frame("title_key").with_row_index("i"))
    con.execute(
        "create or replace temp table night_related_links as select md5($1 || i // 10) as page_id,"
        " md5($1 || i // 10) as article_id, 1 + i % 10 as position, title_key as title, title_key,"
        " null::varchar as url from night_linked",
        [f"night {number} "],
    )


def steps(con: duckdb.DuckDBPyConnection, scratch: Path) -> Iterator[tuple[str, float, float]]:
    """Publish the night: step, seconds, seconds of processor."""
    for step in ("signatures", *STATEMENTS):
        wall, used = time.perf_counter(), time.process_time()
        if step == "signatures":
            stage_signatures(con, scratch)
        else:
            con.execute((SQL / "publish" / step).read_text("utf-8"))
        yield step, time.perf_counter() - wall, time.process_time() - used


def cost(sizes: list[int]) -> None:
    press = open_press(PROJECT_DIR / "data" / "synth", 5)
    numbers = np.arange(max(sizes) + 40 * NIGHT_ARTICLES, dtype=np.uint64)
    keys = fold_series(pl.Series(titles(press, numbers), dtype=pl.Binary).cast(pl.String))
    keys = keys.unique(maintain_order=True)
    say("\narticles before   links before   " + "   ".join(("signatures", *STATEMENTS)) + "   all")
    for size in sizes:
        rng = np.random.default_rng(1)
        with (
            tempfile.TemporaryDirectory() as folder,
            open_lake(Path(folder), read_only=False) as con,
        ):
            migrate(con, SQL)
            con.execute("use memory.main")
            filled(con, keys[:size], rng)
            for number in range(3):
                start = size + number * NIGHT_ARTICLES
                new = keys[start : start + NIGHT_ARTICLES]
                # Most links lead to articles of the last nights, known or of this night.
                recent = keys[max(0, start - 10 * NIGHT_ARTICLES) : start + NIGHT_ARTICLES]
                linked = recent.gather(rng.integers(0, len(recent), NIGHT_LINKS)).to_frame("key")
                is_near = pl.int_range(pl.len()) % 4 == 0
                linked = linked.select(
                    pl.when(is_near).then(BREAKING + pl.col("key")).otherwise("key")
                )
                night(con, number, new, linked.to_series().alias("title_key"))
                con.execute("begin")
                con.execute(
                    "insert into lake.news.articles by name select article_id, title_key,"
                    " title_key as title, md5_number_lower(title_key) as title_hash, first_seen_at"
                    " from merged_articles"
                )
                taken = list(steps(con, Path(folder) / "scratch" / str(number)))
                con.execute("commit")
        # Of the third night: the first two warm up what the engine keeps.
        line = f"{size:15,}{2 * size:15,}"
        for _, wall, used in [*taken, ("all", sum(t[1] for t in taken), sum(t[2] for t in taken))]:
            line += f"   {wall:.2f} s ({used:.2f})"
        say(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pages", type=int, default=4000, help="invented pages for the quality")
    parser.add_argument("--articles", type=int, nargs="*", default=[10_000, 1_000_000])
    options = parser.parse_args()
    shared = Path(os.environ.get("MARSAD_SHARED") or PROJECT_DIR.parent / "shared")
    quality(options.pages, shared if shared.is_dir() else None)
    if options.articles:
        cost(options.articles)


if __name__ == "__main__":
    main()

"""Links that lead to articles whose titles are nearly theirs."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.ids import hash_id
from marsad.lake.connect import attach, connect, open_lake
from marsad.lake.migrate import migrate
from marsad.lake.publish import RunRow, Settlement, publish
from marsad.lake.staged import register, write_empty_parts, write_part
from marsad.lake.titles import MAX_WORDS, THRESHOLD, title_signatures
from marsad.schema import REJECTS, STAGED
from marsad.settings import PROJECT_DIR

SQL = PROJECT_DIR / "sql"

FAIR = "الوزير يفتتح معرض الكتاب في بغداد"  # the minister opens the book fair in Baghdad
LONG = f"{FAIR} بحضور سفراء الدول العربيه"  # … attended by the ambassadors of the Arab states
BREAKING, PHOTOS = "عاجل", "صور"

# title of a page's article, its day, titles of its links
Page = tuple[str, int, tuple[str, ...]]


def publish_night(lake: Path, pages: Sequence[Page], dump: str) -> None:
    """Publish one dump of these pages; each has an article of its own, named by its title."""
    lake.mkdir(exist_ok=True)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in STAGED}
    for number, (title, day, links) in enumerate(pages, 1):
        page = {"page_id": hash_id(dump, str(number)), "dump_id": dump}
        seen = {
            "page_id": page["page_id"],
            "article_id": article(title, day),
            "role": "main",
            "observed_at": dt.datetime(2024, 1, day, tzinfo=dt.UTC),
        }
        rows["pages"].append(
            {
                **page,
                "record_no": number,
                "observed_at": seen["observed_at"],
                "main_article_id": seen["article_id"],
            }
        )
        rows["articles"].append({**seen, "body": title, "language": "ar"})
        rows["sightings"].append({**seen, "title_raw": title, "title_key": title, "title_rank": 1})
        rows["related_links"] += [
            {
                "page_id": page["page_id"],
                "article_id": seen["article_id"],
                "position": position,
                "title": link,
                "title_key": link,
            }
            for position, link in enumerate(links, 1)
        ]
    staging = lake / "staging" / dump
    write_empty_parts(staging)
    for table, found in rows.items():
        if found:
            write_part(staging, table, "1", pl.DataFrame(found, schema=STAGED[table]))
    con = connect()
    attach(con, lake, read_only=False)
    migrate(con, SQL)
    con.execute("use memory.main")
    dumps = con.sql("select * from lake.ops.dumps").pl()
    added = pl.DataFrame({"dump_id": [dump], "n_records": [len(pages)], "status": ["published"]})
    register(con, staging, pl.concat([dumps.clear(), added], how="diagonal_relaxed"))
    now = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    run = RunRow(dump, now, now, "published", "nightly", len(pages), 0, "test")
    rejects = REJECTS.to_frame().with_columns(run_id=pl.lit(""), status=pl.lit(""))
    validations = con.sql("select * from lake.ops.validations").pl()
    settled = Settlement(run, rejects, validations)
    publish(con, SQL, lambda: settled, scratch=staging / "scratch")
    con.close()


def article(title: str, day: int = 1) -> str:
    """The id of the article of this title and day."""
    return hash_id("body", title, str(day))


def links_of(lake: Path) -> list[tuple[str, str | None, str | None, float | None]]:
    """Title, target, match and score of every link."""
    with open_lake(lake) as con:
        return con.execute(
            "select title, target_article_id, match, round(score, 3) from news.related_links"
            " order by all"
        ).fetchall()


def near(one: str, other: str) -> bool:
    """Whether two titles share a signature in which one of them is whole."""
    pairs = title_signatures(pl.Series([one])).join(
        title_signatures(pl.Series([other])), on="signature", suffix="_other"
    )
    whole = (pl.col("n_left_out") == 0) | (pl.col("n_left_out_other") == 0)
    return pairs.filter(whole).height > 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(FAIR, f"{BREAKING} {FAIR}", True, id="a_word_in_front"),
        pytest.param(FAIR, f"{FAIR} {PHOTOS}", True, id="a_word_behind"),
        pytest.param(FAIR, FAIR.replace("معرض ", ""), True, id="an_inner_word_less"),
        pytest.param(LONG, f"{LONG} {PHOTOS} {BREAKING}", True, id="two_words_behind_a_long_one"),
        pytest.param(
            LONG, f"{BREAKING} {LONG} {PHOTOS}", False, id="two_words_at_both_ends_are_too_far"
        ),
        pytest.param(FAIR, f"{FAIR} {PHOTOS} {BREAKING}", False, id="two_words_of_eight"),
        pytest.param(FAIR, FAIR.replace("بغداد", "دمشق"), False, id="another_town"),
        pytest.param(FAIR, FAIR + " 2", False, id="part_two"),
        pytest.param(f"{FAIR} 1", f"{FAIR} 2", False, id="another_number"),
        pytest.param(FAIR, FAIR + " الثاني", False, id="the_second"),
        pytest.param(FAIR, FAIR.replace("يفتتح", "لا يفتتح"), False, id="does_not_open"),
        pytest.param("مدرب الهلال يوقع", "مدرب نادي الهلال يوقع", False, id="four_words"),
        pytest.param(
            "الهلال يفوز علي النصر في الدوري",
            "النصر يفوز علي الهلال في الدوري",
            False,
            id="another_order",
        ),
    ],
)
def test_titles_are_near(one: str, other: str, expected: bool) -> None:
    assert near(one, other) == near(other, one) == expected


@settings(deadline=None)  # the first example waits for what Polars makes ready once
@given(
    st.lists(st.sampled_from(["ا", "ب", "لا", "3", "word"]), max_size=24),
    st.integers(0, 24),
    st.integers(1, 4),
)
def test_signatures_agree_with_the_words(words: list[str], start: int, n: int) -> None:
    left = words[:start] + words[start + n :]
    dropped = words[start : start + n]
    allowed = (
        (len(dropped) == 1 or start == 0 or start + n >= len(words))
        and bool(dropped)
        and not {"لا", "3"} & set(dropped)
        and len(left) >= 5
        and 2 * len(left) / (len(left) + len(words)) >= THRESHOLD
    )
    if allowed:
        assert near(" ".join(words), " ".join(left))
    else:
        # Repeats may make another allowed cut give the same words.
        cuts = [
            words[:at] + words[at + size :]
            for size in range(1, 5)
            for at in range(len(words) - size + 1)
            if (size == 1 or at in (0, len(words) - size))
            and not {"لا", "3"} & set(words[at : at + size])
        ]
        fits = len(left) >= 5 and 2 * len(left) / (len(left) + len(words)) >= THRESHOLD
        if dropped:
            assert near(" ".join(words), " ".join(left)) == (fits and left in cuts)


def test_a_title_of_any_length_has_few_signatures() -> None:
    titles = [" ".join(map(chr, range(0x4E00, 0x4E00 + n))) for n in (4, 5, MAX_WORDS, 20_000)]
    rows = title_signatures(pl.Series(["", *titles]))
    assert set(rows["n_words"]) == {5, MAX_WORDS}
    assert rows.height < 100
    assert rows["signature"].n_unique() == rows.height


def test_sql_and_python_hash_titles_alike(tmp_path: Path) -> None:
    rows = title_signatures(pl.Series([FAIR]))
    of_engine, ours = (
        connect().execute("select md5_number_lower($1), key_hash($1)", [FAIR]).fetchone()
    )
    assert rows["title_hash"][0] == of_engine
    assert ours == of_engine


def test_each_link_takes_the_best_article(tmp_path: Path) -> None:
    without = LONG.replace("معرض ", "")
    pages: list[Page] = [
        (FAIR, 2, (f"{BREAKING} {FAIR}", FAIR)),  # its own title leads nowhere else
        (f"{LONG} {PHOTOS}", 1, (without, f"{LONG} {BREAKING}", "other")),
        (LONG, 2, ()),
        (LONG, 1, (f"{LONG} {PHOTOS}",)),
    ]
    publish_night(tmp_path, pages, "d")
    assert links_of(tmp_path) == sorted(
        [
            (f"{BREAKING} {FAIR}", None, None, None),  # near to its own page's article alone
            (FAIR, None, None, None),
            (without, article(LONG, 1), "near", 0.947),  # of two as near, the earlier
            (f"{LONG} {BREAKING}", article(LONG, 1), "near", 0.952),
            ("other", None, None, None),
            (f"{LONG} {PHOTOS}", article(f"{LONG} {PHOTOS}", 1), "exact", 1.0),
        ],
        key=lambda row: row[0],
    )


NIGHTS: list[Page] = [
    ("a page of its own", 1, (f"{BREAKING} {FAIR}", LONG, FAIR)),
    (FAIR, 3, (LONG,)),
    (f"{BREAKING} {FAIR}", 4, (FAIR, f"{FAIR} {PHOTOS}")),
    (f"{FAIR} {PHOTOS}", 2, (f"{LONG} {PHOTOS}",)),
    (f"{LONG} {PHOTOS}", 5, (FAIR,)),
]


def test_nights_in_any_order_lead_links_to_the_same_articles(tmp_path: Path) -> None:
    publish_night(tmp_path / "at once", NIGHTS, "d")
    expected = links_of(tmp_path / "at once")
    assert {match for _, _, match, _ in expected} == {"exact", "near"}
    for order in [(4, 2, 3, 1, 0), ((0, 3), (1, 2, 4))]:
        lake = tmp_path / str(len(order))
        for night in order:
            places = (night,) if isinstance(night, int) else night
            publish_night(lake, [NIGHTS[place] for place in places], f"dump {places}")
        assert links_of(lake) == expected


def test_an_exact_title_of_a_later_night_replaces_a_near_one(tmp_path: Path) -> None:
    link = f"{BREAKING} {FAIR}"
    publish_night(tmp_path, [("p", 1, (link,)), (FAIR, 1, ())], "first")
    assert links_of(tmp_path) == [(link, article(FAIR), "near", 0.923)]
    publish_night(tmp_path, [(link, 9, ())], "second")
    assert links_of(tmp_path) == [(link, article(link, 9), "exact", 1.0)]


def test_a_lake_without_the_index_gets_it_with_its_next_night(tmp_path: Path) -> None:
    link = f"{BREAKING} {FAIR}"
    publish_night(tmp_path, [("p", 1, (link,)), (FAIR, 1, ())], "first")
    with open_lake(tmp_path, read_only=False) as con:
        con.execute("delete from lookup.title_signatures; delete from lookup.near_titles")
        con.execute("update news.related_links set target_article_id = null, match = null")
        con.execute("update news.related_links set score = null")
    publish_night(tmp_path, [("q", 1, ())], "second")
    assert links_of(tmp_path) == [(link, article(FAIR), "near", 0.923)]

"""The search index: its words are those of the whole texts; most words come first, then BM25."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable

from lake_nights import Page

from marsad.parse.arabic import fold

Ask = Callable[[str], list[tuple[object, ...]]]

#: What is folded to several words, to none, or to others than it is printed as.
HOSTILE = (
    "كتاب،قلم",  # book, pen: no space between
    "العراقُ\u200c ـــ العـــراق",  # Iraq with a mark and a non-joiner, bare tatweel, Iraq stretched
    "صلى ﷺ الله",  # one character that is four words
    "سطر\nثان\tوثالث\u00a0ورابع",  # line, second, third, fourth: white space that is no space
    "  ﻻ  لا ، . !  ",  # "no" as a ligature and as letters, and marks alone
    "٢٠٢٤ 2024 Straße STRASSE İstanbul",
    "x' union select '\"--; <b>",
)


def pages() -> list[Page]:
    return [
        Page(
            text,
            number + 1,
            title=HOSTILE[number - 1],
            source="A",
            keywords=(HOSTILE[-number], "k"),
        )
        for number, text in enumerate(HOSTILE)
    ] + [Page("", 9, title=None), Page("العراق", 9, title=" ")]


def test_the_index_is_that_of_the_whole_texts(ask: Callable[[list[Page]], Ask]) -> None:
    query = ask(pages())
    weights: dict[str, Counter[str]] = defaultdict(Counter)
    for title, lead, keywords, number in query(
        "select title, lead, keywords, article_no::varchar from articles"
    ):
        for text, weight in ((title, 3), (keywords, 2), (lead, 1)):
            for word in fold(str(text or "")).split():
                weights[str(number)][word] += weight
    terms = {str(word): term for word, term in query("select word, term_no from search.words")}
    assert set(terms) == {word for found in weights.values() for word in found}
    postings: dict[tuple[str, object], int] = Counter()
    for number, found in weights.items():
        for word, weight in found.items():
            postings[number, terms[word]] += weight
    lengths = {number: sum(found.values()) for number, found in weights.items()}
    mean = sum(lengths.values()) / len(lengths)
    n_with = Counter(term for _, term in postings)
    expected = {}
    for (number, term), weight in postings.items():
        rarity = math.log(1 + (len(lengths) - n_with[term] + 0.5) / (n_with[term] + 0.5))
        norm = 1.2 * (0.25 + 0.75 * lengths[number] / mean)
        expected[number, term] = rarity * weight * 2.2 / (weight + norm)
    found_scores = {
        (number, term): score
        for number, term, score in query(
            "select article_no::varchar, term_no, score / 1000 from search.postings"
        )
    }
    assert found_scores.keys() == expected.keys()
    assert all(abs(found_scores[key] - expected[key]) <= 0.0005 + 1e-9 for key in expected)


def test_most_words_come_first_then_the_score_and_a_hundred_at_most(
    ask: Callable[[list[Page]], Ask],
) -> None:
    many = [Page(f"مصر {number}", 1 + number % 28, title=f"{number}") for number in range(150)]
    query = ask([*many, Page("مصر العراق", 3, title="مصر"), Page("العراقية", 4)])
    found = query("select n_words_found, score, lead from search_articles('العراقية مصر')")
    assert len(found) == 100
    assert found[0][0] == 2
    assert found[0][2] == "مصر العراق"  # Egypt, Iraq
    assert found[1][2] == "العراقية"  # Iraqi: one word, but the rarer one
    assert found == sorted(found, key=lambda row: (-int(str(row[0])), -float(str(row[1]))))
    assert len({row[2] for row in found}) == 100


def test_what_no_article_has_is_not_found(ask: Callable[[list[Page]], Ask]) -> None:
    query = ask(pages())
    assert query("from search_articles('غائب')") == []
    assert query("from search_articles('')") == []


def test_articles_about_a_keyword_come_newest_first(ask: Callable[[list[Page]], Ask]) -> None:
    query = ask(
        [Page(f"{day}", day, title=f"t{day}", keywords=("مصر", f"k{day}")) for day in (2, 5, 3)]
    )
    assert query("select title from articles_about('مِصر')") == [("t5",), ("t3",), ("t2",)]

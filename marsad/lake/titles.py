"""Titles that are nearly alike: what that means, and signatures by which SQL finds them.

Two folded titles are near if one is the other with words left out: one word anywhere, or some at
its front or its end. Their score is twice the words that both have, by the words of both, and at
least `THRESHOLD`. No word is ever replaced by another, because names are what titles of one form
differ in; for the same reason numbers, ordinals and negations are never left out.

So a title has a signature for itself, and one for each way to leave words out; two titles are near
if and only if the whole of one is a way of the other. That is a join by equality, whatever the
size of the lake, and looks at no other title: the order of nights cannot matter.
"""

import hashlib
import itertools
from functools import lru_cache
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from marsad.lake.escape import literal

#: The lowest score of two near titles; chosen on data, see benchmarks/links.py. One word may be
#: left out where five stay, two where nine stay, three where fourteen stay.
THRESHOLD: Final = 0.9
#: Longer titles have no near ones: the number of their signatures would be theirs to choose.
MAX_WORDS: Final = 40

#: Folded words that tell titles apart: negations; ordinals, of parts and rounds; numbers in words.
_NEGATIONS: Final = "لا لم لن ليس ليست غير عدم دون بدون بلا"  # no, not, un-, lack of, without
_ORDINALS: Final = (  # first to tenth, in both genders, and last
    "الاول الاولي الثاني الثانيه الثالث الثالثه الرابع الرابعه الخامس الخامسه السادس السادسه"
    " السابع السابعه الثامن الثامنه التاسع التاسعه العاشر العاشره الاخير الاخيره"
)
_NUMBERS: Final = (  # two to ten, in both genders
    "اثنان اثنين اثنتان اثنتين ثلاث ثلاثه اربع اربعه خمس خمسه ست سته سبع سبعه ثماني ثمانيه تسع تسعه"
    " عشر عشره"
)
_KEPT: Final = frozenset(f"{_NEGATIONS} {_ORDINALS} {_NUMBERS}".split())

_BATCH: Final = 1 << 15  # titles whose signatures are made at a time: few enough for the caches
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_INVERSE: Final = np.uint64(pow(int(_BASE), -1, 1 << 64))

_Hashes = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.int64]

_SCHEMA: Final = pl.Schema(
    {
        "signature": pl.UInt64(),
        "title_hash": pl.UInt64(),
        "n_words": pl.UInt8(),
        "n_left_out": pl.UInt8(),
    }
)


def _powers(base: np.uint64) -> _Hashes:
    powers = np.full(MAX_WORDS + 1, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def title_hashes(keys: pl.Series) -> pl.Series:
    """Return what SQL's `md5_number_lower` makes of each title, UInt64; it tells titles apart."""
    hashes = [
        int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little")
        for key in keys.to_list()
    ]
    return pl.Series("title_hash", hashes, dtype=pl.UInt64)


def _least_words(n_left_out: int, threshold: float) -> int:
    """Return how many words must stay: n with 2n / (2n + left out) no less than the threshold."""
    return int(np.ceil(n_left_out * threshold / (2 - 2 * threshold) - 1e-9))


def title_signatures(
    keys: pl.Series, threshold: float = THRESHOLD, hashes: pl.Series | None = None
) -> pl.DataFrame:
    """Return the signatures of folded titles.

    A signature is a polynomial in the hashes of the words that are left, modulo 2^64. So all of
    them come from sums over the words, without a text for each.

    Args:
        keys: String, each different and none null.
        threshold: the lowest score that two titles may have.
        hashes: what `title_hashes` makes of the titles, where that is known.

    Returns:
        One row for each title that may have a near one (5 to 40 words), with `n_left_out` 0, and
        one for each way to leave words out of it: signature UInt64, title_hash UInt64, n_words
        and n_left_out UInt8.
    """
    words = keys.str.split(" ")
    fits = words.list.len().is_between(_least_words(1, threshold), MAX_WORDS)
    keys, words = keys.filter(fits), words.filter(fits)
    if not len(keys):
        return _SCHEMA.to_frame()
    hashes = title_hashes(keys) if hashes is None else hashes.filter(fits)
    counts = words.list.len().to_numpy().astype(np.int64)
    flat = words.list.explode()
    word_hashes, kept = _words(flat)
    # `sums[p]` and `n_kept[p]` are of all words before place p, over the ends of titles.
    first = np.cumsum(counts) - counts
    within = np.arange(len(flat)) - np.repeat(first, counts)
    terms = word_hashes * _powers(_BASE)[within]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
    n_kept = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)])
    whole = sums[first + counts] - sums[first]
    found = [(np.arange(len(keys)), whole, np.zeros(len(keys), np.int64))]
    for n_left_out in range(1, MAX_WORDS):
        least = _least_words(n_left_out, threshold)
        titles = np.flatnonzero(counts >= least + n_left_out)
        if not len(titles):
            break
        if n_left_out == 1:
            titles = np.repeat(titles, counts[titles])
            starts = np.flatnonzero(np.repeat(counts >= least + 1, counts))
        else:
            front = first[titles]
            back = front + counts[titles] - n_left_out
            titles, starts = np.repeat(titles, 2), np.stack([front, back], axis=1).ravel()
        ends = starts + n_left_out
        free = n_kept[ends] == n_kept[starts]
        titles, starts, ends = titles[free], starts[free], ends[free]
        before = sums[starts] - sums[first[titles]]
        behind = (whole[titles] - (sums[ends] - sums[first[titles]])) * _powers(_INVERSE)[
            n_left_out
        ]
        found.append((titles, before + behind, np.full(len(titles), n_left_out)))
    titles = np.concatenate([part[0] for part in found])
    return pl.DataFrame(
        {
            "signature": np.concatenate([part[1] for part in found]),
            "title_hash": hashes.gather(titles),
            "n_words": counts[titles],
            "n_left_out": np.concatenate([part[2] for part in found]),
        },
        schema_overrides=_SCHEMA,
    )


def _words(flat: pl.Series) -> tuple[_Hashes, npt.NDArray[np.bool_]]:
    """Return the hash of each word, and whether titles that differ in it are told apart by it."""
    # Numbered in one pass: to look each word up among the different ones took three times as long.
    each = flat.cast(pl.Categorical(pl.Categories.random()))
    known = each.unique()
    numbers, words = known.to_physical().to_numpy(), known.cast(pl.String())
    hashes = np.empty(int(numbers.max()) + 1, dtype=np.uint64)
    hashes[numbers] = [_word_hash(word) for word in words.to_list()]
    kept = np.empty(len(hashes), dtype=np.bool_)
    kept[numbers] = (words.str.contains("[0-9]") | words.is_in(list(_KEPT))).to_numpy()
    places = each.to_physical().to_numpy()
    return hashes[places], kept[places]


@lru_cache(maxsize=1 << 16)  # titles use the same words from batch to batch
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")


def stage_signatures(con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Make the temporary view `new_signatures` of the titles that the index does not have yet.

    And `night_titles`, of which each is a title of this night's links and changed articles, by its
    hash; among them `unindexed_titles`, those of a lake that was filled before it had the index.

    Args:
        con: a connection with the lake attached, in the midst of the statements of sql/publish/.
        scratch: a folder for the files behind the view. They are no table, because what a
            transaction inserts bit by bit stays in memory, whatever the engine may hold.
    """
    is_indexed = con.execute("from lake.lookup.title_signatures limit 1").fetchone() is not None
    con.execute(
        "create or replace temp table unindexed_titles as"
        " select title_hash, min(title_key) as title_key from"
        " (select title_hash, title_key from lake.news.articles"
        " union select title_hash, title_key from lake.news.related_links)"
        " where title_key <> '' group by title_hash" + (" limit 0" if is_indexed else "")
    )
    con.execute(
        "create or replace temp table night_titles as"
        " select title_key, md5_number_lower(title_key) as title_hash from"
        " (select title_key from night_related_links"
        " union select title_key from merged_articles where is_changed"
        " union select title_key from unindexed_titles) where title_key <> ''"
    )
    # The night's titles are few, those of the index many: it is read once, and never kept.
    con.execute(
        "create or replace temp table new_titles as"
        " with known as (select title_hash from lake.lookup.title_signatures"
        " where n_left_out = 0 and title_hash in (select title_hash from night_titles))"
        " select title_key, title_hash, row_number() over () - 1 as number from night_titles"
        " where title_hash not in (select title_hash from known)"
    )
    scratch.mkdir(parents=True, exist_ok=True)
    for start in itertools.count(0, _BATCH):
        titles = con.sql(
            "select title_key, title_hash from new_titles"
            f" where number >= {start} and number < {start + _BATCH}"
        ).pl()
        # The first even if it is empty: the view needs a file.
        if start and not titles.height:
            break
        signatures = title_signatures(titles["title_key"], hashes=titles["title_hash"])
        signatures.write_parquet(
            scratch / f"signatures-{start:012}.parquet", compression="lz4", statistics=False
        )
    files = literal(str(scratch / "signatures-*.parquet"))
    con.execute(f"create or replace temp view new_signatures as from read_parquet({files})")

"""Titles that are nearly alike: what that means, and signatures by which SQL finds them.

The compiled loop makes the signatures where it was built, else NumPy: the same rows, in one order.

Two folded titles are near if one is the other with words left out: one word anywhere, or some at
its front or its end. Their score is twice the words that both have, by the words of both, and at
least `THRESHOLD`. No word is ever replaced by another, because names are what titles of one form
differ in; for the same reason numbers, ordinals and negations are never left out.

So a title has a signature for itself, and one for each way to leave words out; two titles are near
if and only if the whole of one is a way of the other. That is a join by equality, whatever the
size of the lake, and looks at no other title: the order of nights cannot matter.
"""

import hashlib
import re
import secrets
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

try:
    from marsad.lake import _titles
except ImportError:
    IS_BUILT = False
else:
    IS_BUILT = True

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
_DIGIT: Final = re.compile("[0-9]")

#: Of the hashes by which words find their numbers: nobody can choose words that all have one. No
#: signature depends on it.
_SALT: Final = secrets.randbits(64)
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_INVERSE: Final = np.uint64(pow(int(_BASE), -1, 1 << 64))

_WORD: Final = np.dtype([("hash", "<u8"), ("is_kept", "?")])

_Hashes = npt.NDArray[np.uint64]

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


#: By words in front of a place; and by words left out, what takes those behind to their new places.
_FORTH: Final = _powers(_BASE)
_BACK: Final = _powers(_INVERSE)


def title_hashes(keys: pl.Series) -> pl.Series:
    """Return what SQL's `key_hash` makes of each title, UInt64; it tells titles apart."""
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
        behind it one for each way to leave words out of it: signature UInt64, title_hash UInt64,
        n_words and n_left_out UInt8.
    """
    hashes = title_hashes(keys) if hashes is None else hashes
    return (sign_by_loop if IS_BUILT else sign_by_numpy)(keys, hashes, threshold)


def sign_by_loop(keys: pl.Series, hashes: pl.Series, threshold: float) -> pl.DataFrame:
    """Make the rows of `title_signatures` by the compiled loop."""
    least = _least_words(1, threshold)
    # Titles as UTF-8, one after the other, and where each ends.
    _, places, data = keys.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    ends = np.frombuffer(places or bytes(8), np.int64)[: len(keys) + 1]
    texts = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    ends = ends[1:] - ends[0]
    sizes, numbers, words = _titles.split_titles(texts, ends, least, MAX_WORDS, _SALT)
    needed = [_least_words(n, threshold) + n for n in range(1, MAX_WORDS)]
    columns = _titles.sign_titles(
        sizes,
        hashes.to_numpy(),
        numbers,
        *_hashed(words),
        _FORTH,
        _BACK,
        bytes(n for n in needed if n <= MAX_WORDS),
    )
    named = zip(_SCHEMA.items(), columns, strict=True)
    return pl.DataFrame(
        {
            name: np.frombuffer(column, np.uint64 if dtype == pl.UInt64 else np.uint8)
            for (name, dtype), column in named
        }
    )


def sign_by_numpy(keys: pl.Series, hashes: pl.Series, threshold: float) -> pl.DataFrame:
    """Make the rows of `title_signatures` by NumPy."""
    words = keys.str.split(" ")
    fits = words.list.len().is_between(_least_words(1, threshold), MAX_WORDS)
    keys, words, hashes = keys.filter(fits), words.filter(fits), hashes.filter(fits)
    if not len(keys):
        return _SCHEMA.to_frame()
    counts = words.list.len().to_numpy().astype(np.int64)
    flat = words.list.explode()
    word_hashes, kept = _words(flat)
    # `sums[p]` and `n_kept[p]` are of all words before place p, over the ends of titles.
    first = np.cumsum(counts) - counts
    within = np.arange(len(flat)) - np.repeat(first, counts)
    terms = word_hashes * _FORTH[within]
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
        behind = (whole[titles] - (sums[ends] - sums[first[titles]])) * _BACK[n_left_out]
        found.append((titles, before + behind, np.full(len(titles), n_left_out)))
    titles, signatures, left_out = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(titles, kind="stable")
    return pl.DataFrame(
        {
            "signature": signatures[order],
            "title_hash": hashes.gather(titles[order]),
            "n_words": counts[titles[order]],
            "n_left_out": left_out[order],
        },
        schema_overrides=_SCHEMA,
    )


def _words(flat: pl.Series) -> tuple[_Hashes, npt.NDArray[np.bool_]]:
    """Return the hash of each word, and whether titles that differ in it are told apart by it."""
    # Numbered in one pass: to look each word up among the different ones took three times as long.
    each = flat.cast(pl.Categorical(pl.Categories.random()))
    known = each.unique()
    numbers = known.to_physical().to_numpy()
    hashes = np.empty(int(numbers.max()) + 1, dtype=np.uint64)
    kept = np.empty(len(hashes), dtype=np.bool_)
    hashes[numbers], kept[numbers] = _hashed(known.cast(pl.String()).to_list())
    places = each.to_physical().to_numpy()
    return hashes[places], kept[places]


def _hashed(words: list[str]) -> tuple[_Hashes, npt.NDArray[np.bool_]]:
    """Return of different words what `_words` does of each."""
    found = np.frombuffer(b"".join(map(_word, words)), _WORD)
    return found["hash"].astype(np.uint64), found["is_kept"].copy()


@lru_cache(maxsize=1 << 16)  # titles use the same words from batch to batch
def _word(word: str) -> bytes:
    """Return what is known of a word, as `_WORD`; the hash is in every stored signature."""
    is_kept = word in _KEPT or _DIGIT.search(word) is not None
    return hashlib.sha256(word.encode()).digest()[:8] + bytes([is_kept])

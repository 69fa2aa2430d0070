"""Blocks of pages: what one worker makes at a time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from marsad.synth import lines
from marsad.synth.articles import BLOCK, Article, article_block, open_press
from marsad.synth.encode import Record
from marsad.synth.labels import load_labels
from marsad.synth.layout import has_header, has_read_also, lay_out
from marsad.synth.randoms import draws, fractions
from marsad.synth.related import References, references
from marsad.synth.shown import Place, Plan, Seen, Shown
from marsad.synth.sinks import file_name, page_member, page_path
from marsad.synth.truth import Truth

_STREAM: Final = 41
_DAY: Final = 86_400  # seconds
_DELIMITED: Final = 0.08  # share of keyword lines, where every variant is mixed
#: In the place of each random number: no variant at all.
_NO_VARIANT: Final = 0.999


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pages a run has, and where they go.

    Attributes:
        pages: how many pages there are, numbered from 0.
        days: how many nights; page i belongs to night i modulo days.
        first_day: of the first night.
        is_plain: whether every page is in the plain template.
        is_article: whether records are structured articles rather than pages.
        form: format of the dumps.
    """

    pages: int
    days: int
    first_day: date
    is_plain: bool
    is_article: bool
    form: str


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes blocks of pages.

    Attributes:
        plan: what the pages have in common.
        scope: which pages there are.
    """

    plan: Plan
    scope: Scope


def open_maker(words: Path, seed: int, scope: Scope) -> Maker:
    """Read the word lists in the folder `words`."""
    press = open_press(words, seed)
    return Maker(Plan(press, load_labels(words / "labels.toml"), scope.first_day), scope)


def make_block(maker: Maker, block: int) -> tuple[dict[int, list[Record]], list[Truth]]:
    """Make the pages of one block.

    Returns:
        The records of each night, in order, and the truth of all in the order of their numbers.
    """
    plan, scope = maker.plan, maker.scope
    press = plan.press
    first = block * BLOCK
    numbers = np.arange(first, first + BLOCK, dtype=np.uint64)
    n_pages = min(BLOCK, scope.pages - first)
    articles = article_block(press, block, 0.0 if scope.is_plain else _DELIMITED)
    shown = references(press, plan.labels, articles, block)
    if scope.is_plain:
        shares = [_plain_share()] * BLOCK
    else:
        shares = fractions(draws(press.seed, _STREAM, numbers, lines.N_CHOICES)).tolist()
    clock = (draws(press.seed, _STREAM + 1, numbers, 1)[:, 0] % np.uint64(_DAY)).tolist()
    titled = _titled(shown, shares, n_pages)
    start = int(datetime.combine(scope.first_day, datetime.min.time(), UTC).timestamp())
    days = [(scope.first_day + timedelta(days=night)).isoformat() for night in range(scope.days)]
    records: dict[int, list[Record]] = {}
    truths = []
    for i in range(n_pages):
        number = first + i
        night = number % scope.days
        hour, rest = divmod(clock[i], 3600)
        seen = Seen(
            start + night * _DAY + clock[i],
            f"{days[night]} {hour:02}:{rest // 60:02}:{rest % 60:02}",
        )
        place = _place(scope, number, days[night], seen.second)
        main = articles[shown.main[i]]
        if scope.is_article:
            record, truth = _article(number, main, place, seen)
        else:
            targets = tuple(
                [
                    first + link.target if link.target is not None and titled[link.target] else None
                    for link in shown.links[i]
                ]
            )
            text, truth = lay_out(
                plan,
                Shown(number, seen, main, articles[shown.read_also[i]], shown.links[i], targets),
                shares[i],
                place,
            )
            url = f"https://aggregator.example/a/{number}".encode()
            record = Record(number, url, seen.text.encode(), text, None, None)
        records.setdefault(night, []).append(record)
        truths.append(truth)
    return records, truths


def _plain_share() -> list[float]:
    share = [_NO_VARIANT] * lines.N_CHOICES
    for choice in (
        lines.SOURCE_LABEL,
        lines.SOURCE_FORM,
        lines.SOURCE_NAME,
        lines.KEYWORDS_LABEL,
        lines.KEYWORDS_SHAPE,
        lines.READ_ALSO_LABEL,
        lines.READ_ALSO_FORM,
        lines.READ_ALSO_NAME,
        lines.RELATED_LABEL,
    ):
        share[choice] = 0.0
    return share


def _titled(shown: References, shares: list[list[float]], n_pages: int) -> list[bool]:
    """For each article of the block, whether some page of the run shows its title."""
    titled = [False] * BLOCK
    for i in range(n_pages):
        if has_header(shares[i]):
            titled[shown.main[i]] = True
        if has_read_also(shares[i]):
            titled[shown.read_also[i]] = True
    return titled


def _place(scope: Scope, number: int, day: str, seen: int) -> Place:
    midnight = seen - seen % _DAY  # of a page alone, whose only date is that of its folder
    if scope.form == "txt":
        return Place(f"{day}/{page_path(number)}", None, 1, midnight)
    file = f"{day}/{file_name(scope.form, is_article=scope.is_article)}"
    if scope.form in ("zip", "tar") and not scope.is_article:
        return Place(file, page_member(number), 1, midnight)
    member = f"{day}.json" if scope.form == "zip" else None
    return Place(file, member, number // scope.days + 1, seen)


def _article(number: int, article: Article, place: Place, seen: Seen) -> tuple[Record, Truth]:
    """A structured article: its fields, and its paragraphs alone."""
    source = article.publisher.forms[0].encode()
    url = f"https://publisher.example/{article.number}".encode()
    record = Record(number, url, seen.text.encode(), article.body, article.title, source)
    truth = Truth(
        file=place.file,
        member=place.member,
        record_no=place.record_no,
        kind="article",
        variants=[],
        observed_at=place.observed * 1_000_000,
        main_article=article.number,
        title=article.title,
        body=article.body,
        source_raw=source,
        source_names=(article.publisher.name,),
    )
    return record, truth

"""What one page shows, and where it is written."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from marsad.synth.articles import Article, Press
from marsad.synth.labels import Labels
from marsad.synth.related import Link


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pages of a run have in common.

    Attributes:
        press: all that articles are made from.
        labels: labels and lines with a form.
        first_day: of the first night.
    """

    press: Press
    labels: Labels
    first_day: date


class Seen(NamedTuple):
    """When a page was seen, UTC: seconds since the epoch, and `2024-11-18 03:12:44`."""

    second: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows.

    Attributes:
        number: the page's.
        seen: when it was seen.
        main: its main article.
        read_also: its second article.
        links: its related links.
        targets: for each link, the number of its article where the run shows that one's title.
    """

    number: int
    seen: Seen
    main: Article
    read_also: Article
    links: list[Link]
    targets: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is written: file below `dumps`, archive member, number from 1."""

    file: str
    member: str | None
    record_no: int
    observed: int

"""Rows of `data/reference/sources.csv`, and the folded names that each of them owns."""

import functools
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from marsad.ids import hash_id
from marsad.parse.arabic import fold

#: Kinds of source that `sources.csv` may use.
KINDS: Final = frozenset(
    {
        "agency",
        "newspaper",
        "television",
        "radio",
        "portal",
        "magazine",
        "aggregator",
        "government",
        "organisation",
    }
)

#: How many words of a name are looked at before it is read to its end.
OPENING_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Source:
    """One row of `sources.csv`; `slug` is its `id` there, empty fields are empty strings."""

    slug: str
    name: str
    name_en: str
    kind: str
    country: str
    domain: str
    aliases: tuple[str, ...]

    @property
    def source_id(self) -> str:
        """The key of `news.sources`."""
        return _source_id(self.slug)


@functools.cache  # every batch of pages asks for those of all sources
def _source_id(slug: str) -> str:
    return hash_id("source", slug)


def read_source(row: Mapping[str, str]) -> Source:
    """Build a source from a row, column name to text."""
    return Source(
        slug=row["id"],
        name=row["name"],
        name_en=row["name_en"],
        kind=row["kind"],
        country=row["country"],
        domain=row["domain"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
    )


def owned_names(
    sources: Iterable[Source], categories: Mapping[str, frozenset[str]], excluded: Container[str]
) -> Mapping[str, str]:
    """Give each folded name its owner: names and aliases as the file has them, then derived ones.

    A derived name (the English one, or an alias less its category word) counts only where one
    source alone has it and it is not excluded, as shared names, sections and places are.
    """
    claimed: dict[str, str] = {}
    derived: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for name in (source.name, *source.aliases):
            key = fold(name)
            claimed[key] = source.slug
            first, _, rest = key.partition(" ")
            if rest and first in categories and rest not in excluded:
                derived[rest].add(source.slug)
        if source.name_en:
            derived[fold(source.name_en)].add(source.slug)
    single = {key: slugs.copy().pop() for key, slugs in derived.items() if len(slugs) == 1}
    return {key: slug for key, slug in (single | claimed).items() if key}


def name_openings(names: Iterable[str], categories: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the names as they may follow a category word, cut to `OPENING_WORDS` words."""
    openings = set()
    for name in names:
        first, _, rest = name.partition(" ")
        for form in (name, rest) if first in categories else (name,):
            openings.add(" ".join(form.split(" ")[:OPENING_WORDS]))
    return frozenset(filter(None, openings))

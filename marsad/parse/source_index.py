"""Names of publishers and agencies, looked up by their folded forms.

The names are data (`data/reference/sources.csv`), and so are the words that stand around a name
without being part of it (`source_words.csv`) and what stands in a source's place without being
one (`not_sources.csv`). A name that several publishers share ("الوطن", the homeland, in eight
countries) is claimed by one of them in the file, or by none; the country beside it decides.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import polars as pl

from marsad.parse.arabic import fold
from marsad.parse.source_names import Source, name_openings, owned_names, read_source

# Roles of words that are no name by themselves, though a name may be made of one.
_NO_NAMES: Final = ("noise", "place", "country")


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """Everything that resolving a source needs; immutable, and cheap to pass to workers.

    Attributes:
        sources: by slug.
        names: folded name or alias to slug; each name has one owner.
        domains: domain, without `www.`, to slug.
        shared: folded name without country, and country, to slug ("الوطن", "SA").
        categories: folded category word to the kinds it may stand before; empty: any.
        labels: folded labels of the field itself ("المصدر", the source).
        tails: folded words that may follow a name ("الإلكترونية", the electronic).
        noise: folded names of sections and days.
        countries: folded country names and adjectives to ISO 3166 codes.
        places: folded names of towns and countries.
        common: folded names that are everyday words too ("اليوم", today).
        not_sources: folded values that name no source.
        openings: the first words of names, up to `OPENING_WORDS`, with and without category word.
        verbs: folded words that report what a source says ("نقلت", it reported).
        speech: folded words of speaking, which may stand before "to" and a source.
        affiliations: folded words for a source's own people and property ("رئيس تحرير", editor of).
        generic: folded names that mean any medium ("الصحيفة", the newspaper).
        between: folded words that may stand between a verb and a source.
        anchors: display stems of category words and verbs, after which a citation's name may stand.
        wires: display stems of the names that are common enough to be looked for by themselves.
    """

    sources: Mapping[str, Source]
    names: Mapping[str, str]
    domains: Mapping[str, str]
    shared: Mapping[tuple[str, str], str]
    categories: Mapping[str, frozenset[str]]
    labels: frozenset[str]
    tails: frozenset[str]
    noise: frozenset[str]
    countries: Mapping[str, str]
    places: frozenset[str]
    common: frozenset[str]
    not_sources: frozenset[str]
    openings: frozenset[str]
    verbs: frozenset[str]
    speech: frozenset[str]
    affiliations: frozenset[str]
    generic: frozenset[str]
    between: frozenset[str]
    anchors: tuple[str, ...]
    wires: tuple[str, ...]

    @classmethod
    def build(cls, sources: pl.DataFrame, words: pl.DataFrame, not_sources: pl.DataFrame) -> Self:
        """Build the index from the three reference tables; every column String, nulls as "".

        Args:
            sources: `id, name, name_en, kind, country, domain, aliases` (aliases by `|`). Where
                two rows claim one name, the later row has it, so that a user's own rows, put
                after the shipped ones, win.
            words: `word, role, value`.
            not_sources: `text`.
        """
        rows = [read_source(row) for row in sources.fill_null("").iter_rows(named=True)]
        roles: dict[str, dict[str, str]] = defaultdict(dict)
        anchors: list[str] = []
        wires: list[str] = []
        for word, role, value in words.select("word", "role", "value").fill_null("").iter_rows():
            roles[role][fold(word)] = value
            if role == "anchor":
                anchors.append(word)
            if role == "wire":
                wires.append(word)
        categories = {
            word: frozenset(filter(None, kinds.split("|")))
            for word, kinds in roles["category"].items()
        }
        by_slug = {row.slug: row for row in rows}
        shared = {
            (fold(row.name.partition("(")[0]), row.country): row.slug
            for row in by_slug.values()
            if "(" in row.name
        }
        # "سوريا" (Syria) must not become "تلفزيون سوريا" (Syria TV).
        excluded = {name for name, _ in shared}.union(*(roles[role] for role in _NO_NAMES))
        names = owned_names(by_slug.values(), categories, excluded)
        return cls(
            sources=by_slug,
            names=names,
            domains={row.domain: row.slug for row in by_slug.values() if row.domain},
            shared=shared,
            categories=categories,
            labels=frozenset(roles["label"]),
            tails=frozenset(roles["tail"]),
            noise=frozenset(roles["noise"]),
            countries=roles["country"],
            places=frozenset({*roles["place"], *roles["country"]}),
            common=frozenset(roles["common"]),
            not_sources=frozenset(map(fold, not_sources["text"].fill_null(""))),
            openings=name_openings([*names, *(name for name, _ in shared)], categories),
            verbs=frozenset(roles["verb"]),
            speech=frozenset(roles["speech"]),
            affiliations=frozenset(roles["affiliation"]),
            generic=frozenset(w for w, value in roles["common"].items() if value == "generic"),
            between=frozenset({*roles["between"], *categories}),
            anchors=tuple(anchors),
            wires=tuple(wires),
        )

    def find(self, key: str) -> Source | None:
        """Return the source that a folded name means, or None.

        The whole name counts first ("قناة الغد" and "الغد" are two sources); then the name without
        category words, tails and country, where what was left out agrees with the source's kind
        and country.

        Args:
            key: folded.
        """
        if key in self.names:
            return self.sources[self.names[key]]
        category, bare = self.strip_category(key)
        found = self._find_bare(bare)
        if found is None and (rest := self._strip_tail(bare)) != bare:
            found = self.find(f"{category} {rest}".strip())
        if found is None or not category:
            return found
        kinds = self.categories[category]
        return found if not kinds or found.kind in kinds else None

    def strip_category(self, key: str) -> tuple[str, str]:
        """Return the category word next to a name ("" if none), and the name without any.

        Example: "موقع قناة العربية" (site of the channel Al Arabiya) gives "قناه", "العربيه".
        """
        category = ""
        first, _, rest = key.partition(" ")
        while rest and (word := self._category(first)):
            category, key = word, rest
            first, _, rest = key.partition(" ")
        rest, _, last = key.rpartition(" ")
        if rest and last in self.categories and last not in self.names:
            category, key = category or last, rest
        return category, key

    def is_place(self, key: str) -> bool:
        """Say whether a folded text is the name of a town or country and nothing else."""
        return key in self.places

    def _category(self, word: str) -> str:
        return word if word in self.categories else ""

    def _strip_tail(self, key: str) -> str:
        for words in (2, 1):
            head = key.rsplit(" ", words)
            if len(head) == words + 1 and " ".join(head[1:]) in self.tails:
                return head[0]
        return key

    def _find_bare(self, key: str) -> Source | None:
        slug = self.names.get(key)
        if slug is None:
            rest, _, last = key.rpartition(" ")
            country = self.countries.get(last)
            if country is None or not rest:
                return None
            slug = self.shared.get((rest, country))
            if slug is None and (owner := self.names.get(rest)) is not None:
                slug = owner if self.sources[owner].country == country else None
        return None if slug is None else self.sources[slug]

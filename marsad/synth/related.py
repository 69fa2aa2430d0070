"""Which articles the pages of a block show and link to, and how the links print their titles."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marsad.synth.articles import BLOCK, UNKNOWN, Article, Press, titles
from marsad.synth.labels import Labels
from marsad.synth.randoms import draws, fractions

N_LINKS: Final = 10
_GROUP: Final = (
    32  # most references stay among so many neighbours, so that small runs have them too
)
_STREAM: Final = 21
_REPEATED_MAIN: Final = 0.1
#: Shares of references that stay in the group. Second articles stay there less often: a body that
#: soon comes again would compress far better than news do.
_OWN_GROUP: Final = 0.75
_OWN_GROUP_READ_ALSO: Final = 0.25
_EXACT: Final = 0.55
_FOLDED: Final = 0.6  # up to here: another spelling with the same folded form
_NEAR: Final = 0.72  # up to here: slightly changed; the rest are titles of unknown articles
_FIRST_IS_READ_ALSO: Final = 0.7


class Link(NamedTuple):
    """One related link.

    Attributes:
        title: as printed, in UTF-8.
        target: place in the block of the article that it means, or None.
        match: `exact` (after folding), `near`, or None.
    """

    title: bytes
    target: int | None
    match: str | None


class References(NamedTuple):
    """What the pages of a block show, by place in the block.

    Attributes:
        main: for each page, the place of its main article.
        read_also: for each page, the place of its second article, never the main one.
        links: for each page, its related links.
    """

    main: list[int]
    read_also: list[int]
    links: list[list[Link]]


def references(press: Press, labels: Labels, articles: list[Article], block: int) -> References:
    """Choose what the pages of a block show."""
    places = np.arange(BLOCK)
    pages = (places + block * BLOCK).astype(np.uint64)
    numbers = draws(press.seed, _STREAM, pages, 4 + 3 * N_LINKS)
    shares = fractions(numbers)
    main = np.where(shares[:, 0] < _REPEATED_MAIN, _partners(numbers[:, 1], _OWN_GROUP), places)
    read_also = _partners(numbers[:, 2], _OWN_GROUP_READ_ALSO)
    read_also = np.where(read_also == main, read_also ^ 1, read_also)
    targets = np.stack([_partners(numbers[:, 4 + j], _OWN_GROUP) for j in range(N_LINKS)], axis=1)
    kinds = shares[:, 4 + N_LINKS : 4 + 2 * N_LINKS]
    changes = numbers[:, 4 + 2 * N_LINKS :]
    first = shares[:, 3] < _FIRST_IS_READ_ALSO
    targets[:, 0] = np.where(first, read_also, targets[:, 0])
    kinds[:, 0] = np.where(first, 0.0, kinds[:, 0])
    first_unknown = UNKNOWN + block * BLOCK * N_LINKS
    unknown = titles(
        press, np.arange(first_unknown, first_unknown + BLOCK * N_LINKS, dtype=np.uint64)
    )
    links = [
        _links(
            labels,
            articles,
            own,
            row_targets,
            row_kinds,
            row_changes,
            unknown[i * N_LINKS : (i + 1) * N_LINKS],
        )
        for i, (own, row_targets, row_kinds, row_changes) in enumerate(
            zip(main.tolist(), targets.tolist(), kinds.tolist(), changes.tolist(), strict=True)
        )
    ]
    return References(main.tolist(), read_also.tolist(), links)


def _partners(numbers: NDArray[np.uint64], own_group: float) -> NDArray[np.int64]:
    """For each page in order, the place of an article, mostly of the same group."""
    places = np.arange(BLOCK)
    choice = numbers.view(np.int64) & (2**62 - 1)
    near = (places & ~(_GROUP - 1)) | (choice & (_GROUP - 1))
    anywhere = (choice >> 8) & (BLOCK - 1)
    in_group = ((choice >> 24) & 0xFFFF) < int(own_group * 0x10000)
    return np.where(in_group, near, anywhere)


def _links(
    labels: Labels,
    articles: list[Article],
    own: int,
    targets: list[int],
    kinds: list[float],
    changes: list[int],
    unknown: list[bytes],
) -> list[Link]:
    links = []
    used = {own}
    for target, kind, change, stranger in zip(targets, kinds, changes, unknown, strict=True):
        if kind >= _NEAR or target in used:
            links.append(Link(stranger, None, None))
            continue
        used.add(target)
        title = articles[target].title
        if kind < _EXACT:
            links.append(Link(title, target, "exact"))
        elif kind < _FOLDED:
            links.append(Link(_respelled(title, change), target, "exact"))
        else:
            links.append(Link(_changed(labels, title, change), target, "near"))
    return links


def _respelled(title: bytes, change: int) -> bytes:
    """Another spelling with the same folded form."""
    before, after = (("ة", "ه"), ("إ", "ا"), ("أ", "ا"), ("ي", "ی"))[change % 4]
    return title.replace(before.encode(), after.encode())


def _changed(labels: Labels, title: bytes, change: int) -> bytes:
    """A title with something before or behind it, or without one of its inner words."""
    pick = change >> 3
    if change % 8 < 2:
        return labels.title_front[pick % len(labels.title_front)] + title
    if change % 8 < 5:
        return title + labels.title_back[pick % len(labels.title_back)]
    words = title.split(b" ")
    del words[1 + pick % (len(words) - 1)]
    return b" ".join(words)

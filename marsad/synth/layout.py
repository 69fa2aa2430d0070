"""One page in the aggregator's template, with what is true of it."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from marsad.synth import lines
from marsad.synth.articles import Article
from marsad.synth.dates import ARABIC_DIGITS
from marsad.synth.foot import Source, write_foot
from marsad.synth.labels import with_marks
from marsad.synth.shown import Place, Plan, Shown
from marsad.synth.truth import Truth

_EPOCH: Final = date(1970, 1, 1)
_MICROSECONDS: Final = 1_000_000
_DAY: Final = 86_400  # seconds
_BLANK_LINE: Final = b"\n\n"


def has_header(share: list[float]) -> bool:
    """Whether the page has a header, and so shows its main article's title."""
    return share[lines.HEADER] < 0.5


def has_read_also(share: list[float]) -> bool:
    """Whether the page has a second article, and so shows that one's title."""
    return share[lines.READ_ALSO] >= 0.05


def lay_out(plan: Plan, shown: Shown, share: list[float], place: Place) -> tuple[bytes, Truth]:
    """Write one page.

    Args:
        plan: what the pages of a run have in common.
        shown: what this page shows.
        share: `lines.N_CHOICES` numbers in [0, 1) that decide its variants.
        place: where it will be.

    Returns:
        The page in UTF-8, and what is true of it.
    """
    main, other = shown.main, shown.read_also
    draft = lines.Draft(plan.press, plan.labels, shown.number, share)
    if share[lines.NEWLINE] < 0.1:
        draft.separator = b"\n"
        draft.variants.append("one_newline")
    if share[lines.MARKS] < 0.06:
        draft.marks = "nbsp" if share[lines.MARKS] < 0.03 else "bidi"
        draft.variants.append(draft.marks)
    top = _Top()
    if has_header(share):
        top = _top(draft, plan, shown)
    body = main.body
    if share[lines.DIGITS] < 0.08:
        body = _mixed_digits(body)
        draft.variants.append("mixed_digits")
    publisher = top.publisher
    has_lost_letter = share[lines.LETTER] < 0.03
    if has_lost_letter:
        draft.variants.append("first_letter_lost")
        if publisher is None:
            body = _without_first(body)
        else:
            publisher = _without_first(publisher)
    _body(draft, body)
    below = write_foot(draft, main, other, top.dated)
    source = below.source
    if source is None and publisher is not None:
        # A page that names no source is the publisher's own, if a lost letter leaves its name.
        source = Source(publisher, () if has_lost_letter else (main.publisher.name,))
    keywords = main.keywords if share[lines.KEYWORDS] >= 0.08 else None
    if keywords is None:
        draft.variants.append("no_keywords")
    else:
        lines.keyword_line(draft, keywords.raw.encode())
    is_second = has_read_also(share)
    second_source = _second(draft, other) if is_second else None
    has_links = share[lines.END] >= 0.1
    if has_links:
        lines.related(draft, [link.title for link in shown.links])
    else:
        draft.variants.append("ends_early")
    text = draft.separator.join(draft.blocks)
    if has_lost_letter and publisher is not None:
        text = _without_first(text)
    if share[lines.LINE_ENDS] < 0.03:
        text = text.replace(b"\n", b"\r\n")
        draft.variants.append("windows_newlines")
    return text, Truth(
        file=place.file,
        member=place.member,
        record_no=place.record_no,
        kind="page",
        variants=draft.variants,
        observed_at=place.observed * _MICROSECONDS,
        main_article=main.number,
        title=top.title,
        publisher_raw=publisher,
        updated_at=top.updated_at,
        published_at=top.published_at,
        author=top.author,
        body=body,
        signature=below.signature,
        promotion=below.promotion,
        contact=top.contact + below.contact,
        source_raw=source.raw if source else None,
        source_names=source.names if source else (),
        keywords_raw=keywords.raw if keywords else None,
        keywords=keywords.tags if keywords else (),
        keywords_delimited=keywords.is_delimited if keywords else None,
        read_also_article=other.number if is_second else None,
        read_also_title=other.title if is_second else None,
        read_also_source_raw=second_source.raw if second_source else None,
        read_also_source_names=second_source.names if second_source else (),
        read_also_body=other.body if is_second else None,
        links=tuple([link.title for link in shown.links]) if has_links else (),
        link_targets=shown.targets if has_links else (),
        link_matches=_matches(shown) if has_links else (),
    )


class _Top(NamedTuple):
    """What stands above the body; times in microseconds since the epoch."""

    title: bytes | None = None
    publisher: bytes | None = None
    updated_at: int | None = None
    published_at: int | None = None
    author: bytes | None = None
    contact: tuple[bytes, ...] = ()
    dated: bytes | None = None  # a date that may stand before the label of the source


def _top(draft: lines.Draft, plan: Plan, shown: Shown) -> _Top:
    share, main = draft.share, shown.main
    published = plan.first_day - timedelta(days=main.published_lag)
    seen = shown.seen.text
    is_date = lines.header(draft, main, f"{seen.replace(' ', '@')} GMT", published)
    dated = None
    if is_date:
        dated = f"{published.isoformat()} 00:00:00".encode()
        if share[lines.SOURCE_SHAPE] < 0.5:
            dated = plan.labels.updated + f" {seen}".encode()
    if share[lines.TITLE_AGAIN] < 0.3:
        draft.blocks.append(main.title)
        draft.variants.append("title_repeated")
    return _Top(
        title=main.title,
        publisher=main.publisher.printed(share[lines.PUBLISHER_NAME]),
        updated_at=shown.seen.second * _MICROSECONDS,
        published_at=(published - _EPOCH).days * _DAY * _MICROSECONDS if is_date else None,
        author=lines.author(draft) if share[lines.AUTHOR] < 0.15 else None,
        contact=(lines.contact(draft, share[lines.CONTACT_FORM]),)
        if share[lines.HEADER_CONTACT] < 0.08
        else (),
        dated=dated,
    )


def _second(draft: lines.Draft, article: Article) -> Source | None:
    """Write the second article; returns its source where the page prints one."""
    share = draft.share
    lines.read_also_title(draft, article.title)
    name = article.publisher.printed(share[lines.READ_ALSO_NAME])
    source = Source(name, (article.publisher.name,))
    has_publisher = share[lines.READ_ALSO_SHAPE] >= 0.1
    if has_publisher:
        draft.blocks.append(name + b" ..")
    else:
        draft.variants.append("no_read_also_publisher")
    _body(draft, article.body)
    if has_publisher:
        return source
    if share[lines.READ_ALSO_FORM] >= 0.2:
        return None
    draft.variants.append("read_also_source_line")
    draft.blocks.append(with_marks(draft.labels.source[0], draft.marks) + b": " + name)
    return source


def _body(draft: lines.Draft, body: bytes) -> None:
    draft.blocks.append(
        body if draft.separator == _BLANK_LINE else body.replace(_BLANK_LINE, b"\n")
    )


def _matches(shown: Shown) -> tuple[str | None, ...]:
    return tuple(
        [
            None if target is None else link.match
            for link, target in zip(shown.links, shown.targets, strict=True)
        ]
    )


def _without_first(text: bytes) -> bytes:
    """Drop the first character."""
    return text[len(text[:4].decode(errors="ignore")[0].encode()) :]


def _mixed_digits(text: bytes) -> bytes:
    """Write the digits 0 to 4 as Arabic-Indic, so that both kinds stand side by side."""
    for digit, arabic in enumerate(ARABIC_DIGITS[:5]):
        text = text.replace(str(digit).encode(), arabic.encode())
    return text

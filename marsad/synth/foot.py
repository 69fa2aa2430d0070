"""What stands between the body and the keywords of a page: signatures, promotion, source."""

from typing import Final, NamedTuple

from marsad.synth import lines
from marsad.synth.articles import Article
from marsad.synth.labels import with_marks

_SIGNATURE_PLACE: Final = 31  # streams of phrases
_PROMOTION_PLACE: Final = 33


class Source(NamedTuple):
    """A source as printed, in UTF-8, and the known sources that it names."""

    raw: bytes
    names: tuple[str, ...]


class Foot(NamedTuple):
    """What stands between the body and the keywords, in UTF-8."""

    source: Source | None = None
    signature: tuple[bytes, ...] = ()
    promotion: tuple[bytes, ...] = ()
    contact: tuple[bytes, ...] = ()


def write_foot(draft: lines.Draft, article: Article, other: Article, dated: bytes | None) -> Foot:
    """Write what stands between the body and the keywords.

    A page without a line for its source has no signatures either: nothing would tell them from
    the body's last paragraph.
    """
    share = draft.share
    if share[lines.SOURCE] < 0.04:
        draft.variants.append("no_source")
        return Foot()
    source = _source_value(draft, article, other)
    signature = _signatures(draft) if share[lines.SIGNATURE] < 0.2 else ()
    promoted = (_promotion(draft, article),) if share[lines.PROMOTION] < 0.08 else ()
    contacts = (
        (lines.contact(draft, share[lines.CONTACT_FORM]),) if share[lines.CONTACT] < 0.05 else ()
    )
    _source_line(draft, source.raw, dated)
    return Foot(source, signature, promoted, contacts)


def _signatures(draft: lines.Draft) -> tuple[bytes, ...]:
    """Write one or two lines with author, place or date."""
    draft.variants.append("signature")
    press = draft.press
    n_lines = 1 if draft.share[lines.SIGNATURES] < 0.75 else 2
    written = tuple(
        press.grammar.phrase("signature", press.seed, _SIGNATURE_PLACE, draft.number, k).encode()
        for k in range(n_lines)
    )
    draft.blocks += written
    return written


def _promotion(draft: lines.Draft, article: Article) -> bytes:
    """Write a line that points elsewhere."""
    draft.variants.append("promotion")
    choice = draft.share[lines.PROMOTION_FORM]
    if choice < 0.5:
        form = draft.labels.appeared[int(choice * 4)]
        line = form.replace(b"P", article.publisher.forms[0].encode()).replace(b"T", article.title)
    else:
        press = draft.press
        line = press.grammar.phrase(
            "promotion", press.seed, _PROMOTION_PLACE, draft.number
        ).encode()
    draft.blocks.append(line)
    return line


def _source_value(draft: lines.Draft, article: Article, other: Article) -> Source:
    """The source of an article, sometimes with "agencies" or another source behind it."""
    value = article.publisher.printed(draft.share[lines.SOURCE_NAME])
    name = article.publisher.name
    more = draft.share[lines.SOURCE_MORE]
    if more >= 0.06:
        return Source(value, (name,))
    draft.variants.append("several_sources")
    if more < 0.02:
        return Source(value + b" - " + draft.labels.agencies, (name,))
    if more < 0.04:
        return Source(value + b" + " + draft.labels.agencies, (name,))
    names = tuple(dict.fromkeys((name, other.publisher.name)))
    return Source(value + b" + " + other.publisher.printed(0.0), names)


def _source_line(draft: lines.Draft, value: bytes, dated: bytes | None) -> None:
    """Write the source.

    Args:
        draft: the page.
        value: the source.
        dated: a date to stand before the label, where the page may have one.
    """
    label = draft.label(draft.labels.source, lines.SOURCE_LABEL)
    form = draft.share[lines.SOURCE_FORM]
    if form < 0.66:
        draft.blocks.append(label + b": " + value)
    elif form < 0.84:
        shapes = draft.labels.same_line
        shape = shapes[int(draft.share[lines.SOURCE_SHAPE] * len(shapes))]
        # The value last: it may hold Latin letters, a label does not.
        draft.blocks.append(shape.replace(b"L", label).replace(b"V", value))
        draft.variants.append(f"source_form {shape.decode()}")
    elif form < 0.94:
        colon = b":" if draft.share[lines.SOURCE_SHAPE] < 0.6 else b""
        gap = b"\n" if draft.share[lines.SOURCE_SHAPE] * 10 % 1 < 0.5 else draft.separator
        draft.blocks.append(label + colon + gap + value)
        draft.variants.append("source_next_line")
    elif dated is not None:
        draft.blocks.append(
            dated + b" - " + with_marks(draft.labels.source[0], draft.marks) + b": " + value
        )
        draft.variants.append("source_dated")
    else:
        draft.blocks.append(label + b": " + value)

"""Label lines of pages, in the forms that sites give them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NBSP: Final = b"\xc2\xa0"
_RIGHT_TO_LEFT_MARK: Final = b"\xe2\x80\x8f"


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels and lines with a form, in UTF-8; see `data/synth/labels.toml`."""

    source: tuple[bytes, ...]
    keywords: tuple[bytes, ...]
    read_also: tuple[bytes, ...]
    related: tuple[bytes, ...]
    published: bytes
    updated: bytes
    agencies: bytes
    same_line: tuple[bytes, ...]
    months: tuple[tuple[str, ...], ...]
    appeared: tuple[bytes, ...]
    title_front: tuple[bytes, ...]
    title_back: tuple[bytes, ...]
    bullets: tuple[bytes, ...]
    furniture: bytes


def load_labels(path: Path) -> Labels:
    """Read the labels."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))

    def texts(key: str) -> tuple[bytes, ...]:
        return tuple(text.encode() for text in table[key])

    return Labels(
        source=texts("source"),
        keywords=texts("keywords"),
        read_also=texts("read_also"),
        related=texts("related"),
        published=table["published"].encode(),
        updated=table["updated"].encode(),
        agencies=table["agencies"].encode(),
        same_line=texts("same_line"),
        months=tuple(tuple(names) for names in table["months"]),
        appeared=texts("appeared"),
        title_front=texts("title_front"),
        title_back=texts("title_back"),
        bullets=texts("bullets"),
        furniture=table["furniture"].encode(),
    )


def with_marks(label: bytes, kind: str) -> bytes:
    """Put invisible characters into a label, as some pages have them.

    Args:
        label: the label, in UTF-8.
        kind: `nbsp` (spaces become no-break spaces), `bidi` (right-to-left marks around it), or
            anything else for nothing.
    """
    if kind == "nbsp":
        return label.replace(b" ", _NBSP)
    if kind == "bidi":
        return _RIGHT_TO_LEFT_MARK + label + _RIGHT_TO_LEFT_MARK
    return label

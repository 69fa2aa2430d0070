"""What a file is, by its first bytes and then by its name.

Content goes before the name where it is plain (a gzip file under any name is a gzip file); the
name decides where content cannot (a CSV file, a page).
"""

import io
import re
from dataclasses import dataclass
from typing import Final

from marsad.dumps.streams import CODECS, Budget, Inflated, StreamError
from marsad.settings import Limits

#: How much of a file is looked at.
HEAD_BYTES: Final = 64 * 2**10
#: Codecs on top of each other that are opened.
MAX_CODECS: Final = 2

#: Formats by the end of the name. None: only the content tells.
_BY_SUFFIX: Final = {
    ".txt": "txt",
    ".text": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".parq": "parquet",
    ".pq": "parquet",
}
_CODEC_SUFFIXES: Final = {
    ".gz": "",
    ".gzip": "",
    ".zst": "",
    ".zstd": "",
    ".bz2": "",
    ".xz": "",
    ".tgz": ".tar",
    ".tbz2": ".tar",
    ".txz": ".tar",
    ".tzst": ".tar",
}
_ARCHIVES: Final = ("zip", "tar")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is.

    Attributes:
        format: `txt`, `jsonl`, `json`, `csv`, `tsv`, `parquet`, `zip`, `tar`; None where it is
            none that Marsad reads.
        codecs: the codecs around it, the outermost first.
    """

    format: str | None
    codecs: tuple[str, ...] = ()

    @property
    def is_archive(self) -> bool:
        """Whether it holds members."""
        return self.format in _ARCHIVES


def is_hidden(name: str) -> bool:
    """Whether a file is bookkeeping and no dump, by the convention of file systems and Spark.

    Args:
        name: a path; any part that starts with `.` or `_` hides it (`.DS_Store`, `_SUCCESS`,
            `__MACOSX/`).
    """
    parts = name.split("/")
    return any(part.startswith((".", "_")) and part not in (".", "..") for part in parts)


def codec_of(head: bytes) -> str | None:
    """Return the codec whose first bytes these are."""
    for codec, (magic, _) in CODECS.items():
        if head.startswith(magic) and (codec != "bz2" or _is_bz2(head)):
            return codec
    return None


#: What follows `BZh` and a digit: a block, or the end of an empty file.
_BZ2_BLOCKS: Final = (b"1AY&SY", b"\x17rE8P\x90")


def _is_bz2(head: bytes) -> bool:
    """Whether a block follows the first four bytes, since text may start with `BZh` too."""
    return any(block.startswith(head[4:10]) for block in _BZ2_BLOCKS)


def suffix_of(name: str) -> str:
    """Return what follows the last dot of a file's name, with the dot; nothing in `.profile`."""
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return dot + suffix if stem.strip(".") else ""


def inner_name(name: str) -> str:
    """Strip the suffix of one codec: `pages.jsonl.gz` to `pages.jsonl`, `a.tgz` to `a.tar`."""
    suffix = suffix_of(name)
    replacement = _CODEC_SUFFIXES.get(suffix.lower())
    return name if replacement is None else name[: -len(suffix)] + replacement


def format_of(name: str, head: bytes) -> str | None:
    """Return the format of decompressed content.

    Args:
        name: its name, without suffixes of codecs.
        head: its first bytes, `HEAD_BYTES` of them or all.

    Returns:
        One of `Kind.format`. A `.json` file is `jsonl` where its first line is an object of its
        own. Without a suffix, content that is JSON by its looks is `json` or `jsonl`, and any
        other text a page.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head[257:262] == b"ustar":
        return "tar"
    suffix = suffix_of(name).lower()
    by_name = _BY_SUFFIX.get(suffix)
    if by_name == "json" or (by_name is None and _no_suffix(suffix)):
        return _json_format(head) or by_name or ("txt" if _is_text(head) else None)
    return by_name if by_name or suffix not in (".zip", ".tar") else suffix[1:]


def kind_of(name: str, head: bytes, limits: Limits) -> Kind:
    """Look through the codecs of a file at what it is.

    Args:
        name: its name.
        head: its first bytes as they stand, `HEAD_BYTES` of them or all.
        limits: bounds on what looking may cost.

    Returns:
        Its kind. Where a codec's data is damaged, the name alone decides.
    """
    codecs: list[str] = []
    while (codec := codec_of(head)) and len(codecs) < MAX_CODECS:
        codecs.append(codec)
        name = inner_name(name)
        stream = Inflated(io.BytesIO(head), codec, Budget(limits, len(head)))
        head = read_some(stream)
    return Kind(format_of(inner_name(name), head), tuple(codecs))


def read_some(stream: io.RawIOBase) -> bytes:
    """Return up to `HEAD_BYTES` bytes, fewer where the stream ends or breaks."""
    head = b""
    try:
        while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
            head += more
    except StreamError:
        pass
    return head


def _no_suffix(suffix: str) -> bool:
    """Whether what follows the last dot is no suffix: nothing, or no short word of letters."""
    return re.fullmatch(r"\.[a-z][a-z0-9]{0,9}", suffix) is None


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


_BLANK: Final = b" \t\r\n"


def _json_format(head: bytes) -> str | None:
    """Tell JSON Lines from other JSON, and from text, by the looks."""
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe").lstrip(_BLANK)
    if text[:1] == b"[":
        return "json" if text[1:].lstrip(_BLANK)[:1] in (b"{", b"]", b"") else None
    if text[:1] != b"{":
        return None
    line, newline, rest = text.partition(b"\n")
    if not newline:
        return "jsonl" if len(head) >= HEAD_BYTES else "json"
    ends = line.rstrip(_BLANK).endswith(b"}")
    return "jsonl" if ends or rest.lstrip(b" \t").startswith(b'{"') else "json"

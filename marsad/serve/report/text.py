"""Texts that pages gave us, made fit to stand in a line of the report.

What is dangerous in HTML is not handled here: the page never takes a text for markup.
"""

import re
import unicodedata
from typing import Final

#: Controls, line separators, marks that turn the direction of what follows them, and characters
#: that nobody sees; the joiners stay, which Persian words need.
_UNSEEN: Final = re.compile(
    "[\x00-\x20\x7f-\xa0\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202f\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]+"
)
#: Marks that may stand on one letter; Arabic has up to three.
_MARKS: Final = 4


def shown(text: str | None, limit: int = 160) -> str | None:
    """Return a text as one line of bounded length that turns no other text around.

    Args:
        text: a title, name or message as it came.
        limit: characters that are kept; a longer text ends in an ellipsis.

    Returns:
        The line; null for null, and for what holds nothing visible.

    Example:
        `shown("\\u202eأخبار\\nاليوم")` is `"أخبار اليوم"` ("today's news").
    """
    if text is None:
        return None
    # A text of megabytes is not cleaned whole for the sake of its first line.
    line = _UNSEEN.sub(" ", text[: limit * 8]).strip()
    kept: list[str] = []
    marks = 0
    for char in line:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS:
            kept.append(char)
    line = "".join(kept)
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or None

"""What the doctor says: findings, each with what to do about it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: `ok`, `warning` (a night may still run), or `error`.
        what: what was looked at, in a word or two.
        found: what was found, one line.
        todo: what to do about it; empty where nothing is to do.
    """

    level: Level
    what: str
    found: str
    todo: str = ""

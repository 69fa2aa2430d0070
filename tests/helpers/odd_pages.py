"""Pages and records such as nobody foresees: blocks in any order, whole or in part."""

import json
import random
from collections.abc import Callable
from pathlib import Path

SENTENCE = (  # "The city saw today the opening of centre {} for science, as {} quoted officials."
    "شهدت المدينة اليوم افتتاح المركز رقم {} للعلوم بحضور السكان، وفق ما نقلت {} عن مسؤولين."
)
AGENCIES = ("رويترز", "وكالة الأناضول", "فرانس برس (أ ف ب)", "صحيفة صدى الجبال")
#: What stands in the field and names nobody, somebody in several forms, or several.
SOURCES = (
    *AGENCIES,
    "متابعات",
    "صحيفة",
    "صدى الجبال",
    "« صدى الجبال »",
    "# صدى . الجبال",
    "رويترز + وكالات",
    "---",
    "2024",
    "https://www.example.org/a",
    "محرر@example.org",
    "",
)
WORDS = (
    *("العلوم", "المدينة", "بغداد", "2024", "١٢", "«", ")", ":", "-", "|", "#", "،", "…"),
    *("user", "@x", "<b>", "&amp;", "%", "_", "•", "\u200f", "\ufffd", "\U0001f600"),
)
CHARACTERS = tuple(map(chr, (0, 1, 7, 9, 11, 12, 27, 127, 0x85, 0xA0, 0x2028, 0x200C, 0x202E)))
LABELS = ("المصدر", "كلمات دلالية", "إقرأ أيضاً", "مقالات مشابهة", "user", "الكاتب", "نشر في")


class Maker:
    """Makes odd things; one seed makes the same ones on any machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, share: float, make: Callable[[], str]) -> list[str]:
        return [make()] if self.random.random() < share else []

    def words(self, most: int) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, most)))

    def junk(self) -> str:
        pieces = self.random.choices(CHARACTERS + WORDS, k=self.random.randint(1, 12))
        return "".join(pieces)

    def sentence(self) -> str:
        number = self.random.randint(1, 40)
        return SENTENCE.format(number, self.random.choice(AGENCIES))

    def marked(self, text: str) -> str:
        """The same text to readers: some letters have a vowel sign."""
        return "".join(
            letter + "\u064e" * (letter.isalpha() and self.random.random() < 0.1) for letter in text
        )

    def source_and_keywords(self, share: float) -> list[str]:
        return [
            *self.maybe(share, lambda: f"المصدر: {self.random.choice(SOURCES)}"),
            *self.maybe(share, lambda: f"كلمات دلالية: {self.words(12)}"),
        ]

    def page(self) -> str:
        body = [self.sentence() for _ in range(self.random.randint(1, 3))]
        second = body if self.random.random() < 0.3 else [self.sentence()]
        lines = [
            *self.maybe(0.5, lambda: self.sentence()[:30]),
            *(body if self.random.random() < 0.9 else []),
            *self.source_and_keywords(0.8),
            *self.maybe(0.8, lambda: "إقرأ أيضاً:"),
            *self.maybe(0.8, lambda: self.sentence()[:40]),
            *self.maybe(0.5, lambda: f"{self.random.choice(SOURCES)} .."),
            *map(self.marked, second if self.random.random() < 0.9 else []),
            *self.source_and_keywords(0.5),
            *self.maybe(0.3, lambda: "user"),
            *self.maybe(0.8, lambda: "مقالات مشابهة"),
            *(f"• {self.sentence()[: self.random.randint(5, 60)]}" for _ in range(3)),
            *self.maybe(0.3, self.junk),
            *self.maybe(0.2, lambda: f"{self.random.choice(LABELS)} : {self.words(6)}"),
        ]
        if self.random.random() < 0.2:
            self.random.shuffle(lines)
        return self.random.choice(("\n", "\n\n", "\r\n")).join(lines)

    def field(self) -> object:
        return self.random.choice(
            (
                self.random.choice(SOURCES),
                self.words(8),
                self.junk(),
                self.sentence(),
                "2024-11-18 05:00",
                "31/02/2020",
                "9999-12-31T23:59:59Z",
                ["a", " ", "a"],
                {"name": self.words(2)},
                True,
                -1e300,
                None,
            )
        )

    def record(self) -> dict[str, object]:
        names = ("title", "content", "source", "author", "url", "tags", "date", "updated")
        record = {name: self.field() for name in names if self.random.random() < 0.6}
        return record | ({"content": self.page()} if self.random.random() < 0.7 else {})


def odd_dumps(folder: Path, seed: int, n_each: int) -> Path:
    """Write a folder of pages and structured records; returns it."""
    make = Maker(seed)
    day = folder / "2025-05-01"
    day.mkdir(parents=True)
    pages: list[object] = [{"text": make.page()} for _ in range(n_each)]
    records: list[object] = [make.record() for _ in range(n_each)]
    for name, rows in (("pages", pages), ("records", records)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (day / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return day

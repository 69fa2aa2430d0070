"""The parser that one writes oneself: a regular expression over each page of the plain template.

It finds the sections and nothing else: no variants, no keywords without delimiters, no dates, no
folding, no links that resolve. Every peer uses it, so that they differ by what carries the records.
"""

import re
from typing import TypedDict

SECTIONS = re.compile(
    r"(?P<body>.*?)(?:^المصدر: (?P<source>[^\n]*)\n+)?(?:^كلمات دلالية: (?P<keywords>[^\n]*)\n+)?"
    r"(?:^إقرأ أيضاً:\n+(?P<title>[^\n]*)\n+(?P<publisher>[^\n]*) \.\.\n+(?P<second>.*?))?"
    r"(?:^user\n+)?(?:^مقالات مشابهة\n+(?P<links>.*))?\Z",
    re.DOTALL | re.MULTILINE,
)


class Page(TypedDict):
    """What the sections of a page hold."""

    body: str
    source: str | None
    keywords: str | None
    second_title: str | None
    second_publisher: str | None
    second_body: str | None
    links: list[str]


def parse_page(text: str) -> Page:
    """Cut a page into its sections."""
    match = SECTIONS.match(text)
    assert match is not None
    links = (match["links"] or "").split("\n")
    return Page(
        body=match["body"].strip(),
        source=match["source"],
        keywords=match["keywords"],
        second_title=match["title"],
        second_publisher=match["publisher"],
        second_body=match["second"] and match["second"].strip(),
        links=[line.strip(" •") for line in links if line.strip(" •")],
    )

"""The invented part of `data/sample`, the same every time: `python -m marsad.synth.sample`.

Three nights after that of the real page: pages as JSON Lines, structured articles in a zip, pages
in every variant as Parquet. Articles come again on other nights, some of them at another publisher,
links resolve across them, and two records must be rejected.
"""

import gzip
import sys
from datetime import date
from pathlib import Path
from typing import Final

from marsad.settings import PROJECT_DIR
from marsad.synth.blocks import Maker, Scope, make_block, open_maker
from marsad.synth.encode import Record, json_lines
from marsad.synth.sinks import file_name, open_sink

FOLDER: Final = PROJECT_DIR / "data" / "sample"
#: The JSON line of this number is cut short.
BROKEN_LINE: Final = 7
_SEED: Final = 20241118
_FIRST_DAY: Final = date(2024, 11, 18)  # articles were published up to thirty days before
_PAGES: Final = 96
#: One structured article in so many is shown as another publisher's than on the other nights.
_CARRIED: Final = 3


def write_sample(folder: Path) -> list[Path]:
    """Write the three nights, over what may be there.

    Args:
        folder: nights become folders in it.

    Returns:
        The files.
    """
    maker = open_maker(
        PROJECT_DIR / "data" / "synth", _SEED, _scope(_FIRST_DAY, "jsonl", is_plain=True)
    )
    lines = _night(maker, _scope(date(2024, 11, 19), "jsonl.gz", is_plain=True))[:48]
    articles = _night(maker, _scope(date(2024, 11, 20), "zip", is_article=True))[24:72]
    pages = _night(maker, _scope(date(2024, 11, 21), "parquet"))
    for number in range(0, 48, _CARRIED):
        # The same text, a day later or earlier, at whom the article after it is from.
        articles[number] = articles[number]._replace(source=articles[number + 1].source)
    articles.insert(9, articles[9]._replace(url=b"https://publisher.example/empty", text=b""))
    return [
        _write_lines(folder, "2024-11-19", lines),
        _write(folder, "2024-11-20", "zip", articles),
        _write(folder, "2024-11-21", "parquet", pages[48:] + pages[:12]),
    ]


def _scope(night: date, form: str, *, is_plain: bool = False, is_article: bool = False) -> Scope:
    return Scope(_PAGES, 1, night, is_plain, is_article, form)


def _night(maker: Maker, scope: Scope) -> list[Record]:
    """Records of one night, whose articles are those of every other night."""
    nights, _ = make_block(Maker(maker.plan, scope), 0)
    return nights[0]


def _write(folder: Path, day: str, form: str, records: list[Record]) -> Path:
    is_article = records[0].title is not None
    sink = open_sink(folder, form, is_article=is_article)
    sink.write(day, records, b"")
    sink.close()
    return folder / day / file_name(form, is_article=is_article)


def _write_lines(folder: Path, day: str, records: list[Record]) -> Path:
    """Write JSON Lines of which one is cut short, as by a crawler that was killed."""
    lines = json_lines(records).splitlines(keepends=True)
    broken = lines[BROKEN_LINE - 1]
    lines[BROKEN_LINE - 1] = broken[: len(broken) // 2].decode(errors="ignore").encode() + b"\n"
    sink = open_sink(folder, "jsonl.gz", is_article=False)
    sink.write(day, [], gzip.compress(b"".join(lines), compresslevel=9, mtime=0))
    sink.close()
    return folder / day / file_name("jsonl.gz", is_article=False)


def main() -> None:
    """Write the sample into the folder given, else into the project."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for path in write_sample(folder):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()

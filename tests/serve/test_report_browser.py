"""The report in Chromium: what a reader sees, hears, presses and prints."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from browser import FLAGS
from lake_nights import Page as LakePage
from lake_nights import publish_pages
from needed import needed
from playwright.sync_api import Browser, Page, sync_playwright

from marsad.night.served import serve, write_report
from marsad.serve.swap import published_path
from marsad.settings import PROJECT_DIR, load_settings

EVIL = "</script><script>window.hacked=1</script><img src=http://evil.test/x onerror=hacked=1>"
#: Pictures to look at, kept where git does not see them.
PICTURES = PROJECT_DIR / "build" / "screenshots"

Open = Callable[..., Page]


def script(name: str) -> str:
    """A function of JavaScript that looks at the page."""
    return (Path(__file__).parent / "page_checks" / f"{name}.js").read_text("utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of nights with a gap, tags that burst, stories that travel, and hostile names."""
    lake = tmp_path_factory.mktemp("lake") / "lake"
    pages = [
        LakePage(
            f"نص {day} {number}",
            day,
            f"عنوان (AFP) رقم {number}!",
            1,
            ("الجزيرة", "قناة كذا (BBC)", EVIL)[number % 3],
            ("غزة", "أسعار النفط", EVIL)[: 1 + number % 3],
        )
        for day in range(1, 22)
        if day != 9
        for number in range(3 + day % 4)
    ]
    pages += [LakePage(f"صاعد {n}", 21, EVIL, 1, "الجزيرة", ("هدنة إنسانية",)) for n in range(6)]
    pages += [
        LakePage("خبر يتنقل", day, "خبر يتنقل بين الناشرين", 1, f"ناشر {day}", ("غزة",))
        for day in (19, 20, 21)
    ]
    publish_pages(lake, pages, "one", rejected=[1, 2])
    settings = load_settings(lake=lake, workers=1, environ={})
    serve(settings)
    return write_report(settings).path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = needed("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def shown(browser: Browser, report: Path) -> Iterator[Open]:
    """Open the report; afterwards nothing was asked of anybody, and nothing was complained of."""
    complaints: list[str] = []
    contexts = []

    def open_it(lang: str = "en", path: Path = report, **options: Any) -> Page:
        context = browser.new_context(
            locale={"en": "en-GB", "ar": "ar-EG"}[lang],
            **{"viewport": {"width": 1280, "height": 900}, **options},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def asked(url: str) -> None:
            if not url.startswith(("file:", "data:")):
                complaints.append(f"asked for {url}")

        page.on("request", lambda request: asked(request.url))
        page.goto(path.as_uri())
        drawn(page)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def drawn(page: Page) -> None:
    page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)


def table(page: Page, chart: str) -> list[list[str]]:
    """The rows of a chart's table, the head first."""
    rows: list[list[str]] = page.eval_on_selector_all(
        f'[data-chart="{chart}"] tr',
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))",
    )
    return rows


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"report-{name}.png", full_page=True)


def test_every_chart_is_drawn_or_says_why_not_and_has_its_table(shown: Open) -> None:
    page = shown()
    picture(page, "english-light")
    charts = page.eval_on_selector_all(
        "figure",
        """figures => figures.map(figure => ({
          name: figure.dataset.chart,
          marks: figure.querySelectorAll('svg .mark-rect path, svg .mark-symbol path').length,
          empty: !figure.querySelector('.empty').hidden,
          label: figure.querySelector('.chart').getAttribute('aria-label'),
          role: figure.querySelector('.chart').getAttribute('role'),
          rows: figure.querySelectorAll('tbody tr').length}))""",
    )
    assert len(charts) == 12
    # The pages of the test quote nobody and print no times.
    empty = {chart["name"] for chart in charts if chart["empty"]}
    assert empty == {"publisher_hours", "citations"}
    for chart in charts:
        assert chart["role"] == "img" and len(chart["label"]) > 20
        if not chart["empty"]:
            assert chart["marks"] > 0 and chart["rows"] > 0, chart["name"]
    assert page.evaluate("window.hacked") is None
    # What is hostile is there, as text.
    assert EVIL[:40] in "".join(row[0] for row in table(page, "publisher_days"))


def test_the_filters_work_across(shown: Open, report: Path) -> None:
    page = shown()
    with duckdb.connect(str(published_path(report.parent.parent)), read_only=True) as con:

        def new(where: str) -> int:
            row = con.execute(f"select count(*) from articles where {where}").fetchone()
            assert row is not None
            return int(row[0])

        assert total(page) == new("true")
        assert table(page, "rising")[1][0] == "هدنة إنسانية"
        page.select_option("#by-publisher", label="الجزيرة")
        drawn(page)
        assert total(page) == new("publisher = 'الجزيرة'")
        assert [row[0] for row in table(page, "publisher_days")[1:]] == ["الجزيرة"]
        page.select_option("#by-keyword", label="غزة")
        drawn(page)
        tagged = "publisher = 'الجزيرة' and list_contains(string_split(keywords, '، '), 'غزة')"
        assert total(page) == new(tagged)
        page.fill("#from", "2024-01-15")
        page.dispatch_event("#from", "change")
        drawn(page)
        assert total(page) == new(f"{tagged} and first_seen_on >= '2024-01-15'")
        assert len(table(page, "article_days")) == 1 + 7
        page.click("#reset")
        drawn(page)
        assert total(page) == new("true")
        # A bar is a filter, too.
        page.locator('[data-chart="rising"] .mark-rect path').first.click()
        drawn(page)
        assert total(page) == new("list_contains(string_split(keywords, '، '), 'هدنة إنسانية')")
        page.fill("#to", "2024-01-02")
        page.dispatch_event("#to", "change")
        drawn(page)
        assert total(page) == 0
        assert page.locator('[data-chart="article_days"] .empty').is_visible()


def total(page: Page) -> int:
    """How many articles the page says that it shows; its table of days says the same."""
    said = page.inner_text("#status")
    found = re.search(r"[\d,]+", said)
    assert found is not None
    count = int(found[0].replace(",", ""))
    rows = table(page, "article_days")[1:]
    assert sum(int(row[1].replace(",", "")) for row in rows) in (count, 0)
    return count


def test_arabic_runs_from_right_to_left_in_page_and_charts(shown: Open) -> None:
    page = shown("ar", color_scheme="dark")
    picture(page, "arabic-dark")
    assert page.evaluate(
        "[document.documentElement.lang, getComputedStyle(document.body).direction]"
    ) == [
        "ar",
        "rtl",
    ]
    places = page.evaluate(script("places"))
    assert places["brand"] > places["buttons"]
    assert places["name"] > places["cells"]
    assert places["early"] > places["late"]
    # Within a label that holds both scripts, what is written first stands furthest right.
    order = page.evaluate(
        """() => {
          const text = [...document.querySelectorAll('[data-chart="publisher_days"] text')]
            .find((each) => each.textContent.includes('BBC'));
          const at = (part) => text.getExtentOfChar(text.textContent.indexOf(part)).x;
          return [at('قناة'), at('كذا'), at('BBC')];
        }"""
    )
    assert order == sorted(order, reverse=True)
    page.click("#language")
    drawn(page)
    assert page.evaluate("document.documentElement.dir") == "ltr"
    assert page.inner_text("#h-rising") == "What is rising"
    titles = page.locator("figure h3").all_inner_texts()
    assert len(titles) == 12
    assert not [title for title in titles if re.search("[ء-ي]", title)]


CONTRAST = script("contrast")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_written_stands_out(shown: Open, scheme: str) -> None:
    page = shown(color_scheme=scheme)
    other = {"light": "dark", "dark": "light"}[scheme]
    assert page.evaluate(CONTRAST) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == other
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != paper
    assert page.evaluate(CONTRAST) == []


def test_a_phone_scrolls_one_way(shown: Open) -> None:
    for lang in ("en", "ar"):
        page = shown(lang, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        picture(page, f"phone-{lang}")
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths == [360, 360]
        wide = page.eval_on_selector_all(
            ".chart svg",
            "all => all.filter((each) => each.getBoundingClientRect().width > 340).length",
        )
        assert wide == 0


def test_the_keyboard_reaches_everything_and_shows_where_it_is(shown: Open) -> None:
    page = shown()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const at = document.activeElement; return [at.id || at.tagName,
                getComputedStyle(at).outlineStyle !== 'none']; }"""
            )
        )
    names = [name for name, _ in reached]
    for control in ("language", "theme", "by-publisher", "by-keyword", "from", "to", "reset"):
        assert control in names
    assert names.count("SUMMARY") >= 8
    assert [name for name, visible in reached if not visible and name != "BODY"] == []
    page.focus('[data-chart="rising"] summary')
    page.keyboard.press("Enter")
    assert page.locator('[data-chart="rising"] table').is_visible()
    page.focus("#by-publisher")
    page.keyboard.press("ArrowDown")
    drawn(page)
    assert page.input_value("#by-publisher") != ""


def test_a_screen_reader_finds_its_way(shown: Open) -> None:
    page = shown()
    problems = page.evaluate(script("names_and_roles"))
    assert problems == []
    assert page.get_by_role("status").count() == 1


def test_it_prints(shown: Open, tmp_path: Path) -> None:
    page = shown(color_scheme="dark")
    PICTURES.mkdir(parents=True, exist_ok=True)
    printed = page.pdf(path=PICTURES / "report.pdf", format="A4", print_background=True)
    assert printed.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 12
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#filters").is_visible()


def test_before_the_first_night_the_page_says_so(shown: Open, tmp_path: Path) -> None:
    publish_pages(tmp_path, [], "one")
    settings = load_settings(lake=tmp_path, workers=1, environ={})
    serve(settings)
    page = shown(path=write_report(settings).path)
    assert page.inner_text("h1") == "No night yet"
    assert "no pages yet" in page.inner_text("#verdict")
    assert not page.locator("#filters").is_visible()


def test_on_the_first_night_nothing_can_have_risen(shown: Open, tmp_path: Path) -> None:
    pages = [LakePage("نص", 1, "عنوان", 1, name) for name in ("ناشر", "ناشر آخر")]
    publish_pages(tmp_path, pages, "one")
    settings = load_settings(lake=tmp_path, workers=1, environ={})
    serve(settings)
    page = shown(path=write_report(settings).path)
    assert page.locator('[data-chart="rising"] .empty').is_visible()
    assert page.locator('[data-chart="article_days"] svg').is_visible()
    # Nobody was later than anybody, and still the axis has room.
    words = page.locator('[data-chart="story_flow"] .role-axis-label text').all_text_contents()
    assert [word.strip("\u2068\u2069") for word in words] == ["at once", "10 min", "1 h"]

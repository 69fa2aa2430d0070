"""The report without a browser: what it holds, that it is safe, stands alone and does not vary."""

import dataclasses
import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lake_nights import MIXED, Page, publish_pages
from typer.testing import CliRunner

from marsad.cli import app
from marsad.errors import ServeError
from marsad.night.context import new_context
from marsad.night.served import serve, serve_published
from marsad.night.summary import PUBLISHED, RunSummary
from marsad.serve.report import build_report, report_path
from marsad.serve.report.bundle import vega_scripts
from marsad.serve.report.page import embedded, read_charts, read_labels
from marsad.serve.report.read import read_document
from marsad.serve.report.text import shown
from marsad.serve.swap import published_path
from marsad.settings import PROJECT_DIR, load_settings

SQL = PROJECT_DIR / "sql"
EVIL = "</script><script>alert(1)</script><!--\u2028\u202eقلب=cmd|x"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten nights: one tag that bursts on the last, hostile names, a text that travels."""
    lake = tmp_path_factory.mktemp("report") / "lake"
    pages = [
        Page(f"{day} {number}", day, f"T{number}", 1, f"ناشر {number % 3}", ("tag", "other"))
        for day in range(1, 11)
        if day != 5
        for number in range(4)
    ]
    pages += [Page(f"burst {n}", 10, EVIL, 1, EVIL, ("burst", EVIL)) for n in range(6)]
    pages += [Page("travels", day, "Travels", 1, f"ناشر {day}", ("tag",)) for day in (8, 9, 10)]
    publish_pages(lake, pages, "one", rejected=[1])
    serve(load_settings(lake=lake, workers=1, environ={}))
    return lake


def blocks(page: str) -> dict[str, Any]:
    """The blocks of data in a page, by id."""
    found = re.findall(r'<script type="application/json" id="(\w+)">(.*?)</script>', page, re.S)
    return {name: json.loads(text) for name, text in found}


def cells(document: dict[str, Any]) -> dict[tuple[int, int, int, int], int]:
    """The counts by keyword, day, publisher and hour, as the page reads them."""
    n_publishers = document["meta"]["n_top"] + 2
    found, cell = {}, 0
    cube = document["cube"]
    for step, count in zip(cube["steps"], cube["counts"], strict=True):
        cell += step
        rest, hour = divmod(cell, 25)
        rest, publisher = divmod(rest, n_publishers)
        keyword, day = divmod(rest, document["meta"]["n_days"])
        found[keyword, day, publisher, hour] = count
    return found


def test_the_counts_of_the_page_are_those_of_the_marts(lake: Path) -> None:
    with duckdb.connect(str(published_path(lake)), read_only=True) as con:
        document = read_document(con, SQL)
        new = con.execute("select n_new_articles from coverage_days order by day").fetchall()
        burst = con.execute(
            "select keyword, n_articles, n_expected, burst from keyword_days"
            " where day = '2024-01-10'"
        ).fetchall()
    assert document["meta"]["night"] == "2024-01-10"
    counts = cells(document)
    days = range(document["meta"]["n_days"])
    by_day = [sum(n for (k, d, _, _), n in counts.items() if (k, d) == (0, day)) for day in days]
    assert by_day == [n for (n,) in new]
    # The page reckons bursts itself, for any choice of publishers: the same sums must be there.
    named = {name: number for number, name in enumerate(document["keywords"])}

    def n_of(keyword: int, days: range) -> int:
        return sum(n for (k, d, _, _), n in counts.items() if k == keyword and d in days)

    for keyword, n_articles, n_expected, _ in burst:
        number = named[shown(keyword, 80)] + 2
        assert n_of(number, range(9, 10)) == n_articles
        before = n_of(number, range(2, 9)) / n_of(1, range(2, 9)) * n_of(1, range(9, 10))
        assert before == pytest.approx(n_expected)
    assert set(document["keywords"][:2]) == {"burst", shown(EVIL, 80)}


def test_a_story_says_who_had_it_first_and_how_much_later_the_others(lake: Path) -> None:
    with duckdb.connect(str(published_path(lake)), read_only=True) as con:
        document = read_document(con, SQL)
    (story,) = document["stories"]
    delays = [(document["publishers"][no][0], delay) for no, delay in story["copies"]]
    assert delays == [("ناشر 8", 0), ("ناشر 9", 1440), ("ناشر 10", 2880)]
    assert [(row["rule"], row["n_rejects"]) for row in document["rejects"]] == [(None, 1)]


def test_hostile_texts_stay_data(lake: Path, tmp_path: Path) -> None:
    page = build_report(published_path(lake), tmp_path / "r.html", sql=SQL).path.read_text("utf-8")
    found = blocks(page)
    assert set(found) == {"data", "labels", "charts"}
    assert "alert(1)" in json.dumps(found["data"])
    raw = re.findall(r'id="data">(.*?)</script>', page, re.S)[0]
    for unsafe in ("<", ">", "&", "\u2028", "\u202e"):
        assert unsafe not in raw
    assert page.count("</script>") == 5


def test_the_page_names_no_address_that_it_could_load(lake: Path, tmp_path: Path) -> None:
    page = build_report(published_path(lake), tmp_path / "r.html", sql=SQL).path.read_text("utf-8")
    shell = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", shell)
    assert "url(" not in shell and "@import" not in shell
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0]
    assert policy.startswith("default-src &#x27;none&#x27;")
    assert "unsafe" not in policy and "http" not in policy


def test_the_same_file_gives_the_same_bytes_below_three_megabytes(
    lake: Path, tmp_path: Path
) -> None:
    done = [
        build_report(published_path(lake), tmp_path / name / "r.html", sql=SQL) for name in "ab"
    ]
    first, second = (report.path.read_bytes() for report in done)
    assert first == second
    assert 500_000 < len(first) < 3_000_000


def test_links_lead_to_the_data_docs_from_where_the_page_stands(lake: Path) -> None:
    for output, docs in (
        (report_path(lake), "../data_docs"),
        (lake.parent / "else where" / "r.html", "../lake/data_docs"),
    ):
        text = build_report(published_path(lake), output, sql=SQL).path.read_text("utf-8")
        assert blocks(text)["data"]["meta"]["docs"] == docs


def test_a_report_of_an_earlier_night_ends_there(lake: Path) -> None:
    with duckdb.connect(str(published_path(lake)), read_only=True) as con:
        document = read_document(con, SQL, dt.date(2024, 1, 4))
        assert document["meta"]["night"] == "2024-01-04"
        assert [row["day"] for row in document["coverage"]][-1] == "2024-01-04"
        assert document["stories"] == []
        with pytest.raises(ServeError, match=r"no pages on 2024-01-05: .*2024-01-01 to 2024-01-10"):
            read_document(con, SQL, dt.date(2024, 1, 5))


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([], id="nothing"),
        pytest.param(MIXED, id="first-nights"),
    ],
)
def test_a_lake_with_little_in_it_has_a_report_too(tmp_path: Path, pages: list[Page]) -> None:
    publish_pages(tmp_path, pages, "one")
    settings = load_settings(lake=tmp_path, workers=1, environ={})
    context = new_context(settings, "nightly")
    summary = serve_published(context, RunSummary(context.run_id, PUBLISHED))
    assert summary.warnings == ()
    assert summary.report == str(report_path(tmp_path))
    assert bool(blocks(report_path(tmp_path).read_text("utf-8"))["data"]["meta"]["night"]) == bool(
        pages
    )


def test_a_report_that_cannot_be_written_is_a_warning_and_the_old_one_stays(
    tmp_path: Path,
) -> None:
    publish_pages(tmp_path, MIXED, "one")
    settings = load_settings(lake=tmp_path, workers=1, environ={})
    (tmp_path / "report").write_text("in the way")
    context = new_context(settings, "nightly")
    summary = serve_published(context, RunSummary(context.run_id, PUBLISHED))
    assert summary.is_good and summary.report is None
    assert summary.published_file == str(published_path(tmp_path))
    assert len(summary.warnings) == 1 and "report was not written" in summary.warnings[0]
    broken = dataclasses.replace(settings, sql=tmp_path / "nowhere")
    with pytest.raises(ServeError):
        build_report(published_path(tmp_path), tmp_path / "r.html", sql=broken.sql)
    assert [path.name for path in tmp_path.glob("*.html*")] == []


def test_the_command_says_what_it_wrote_or_what_to_do(lake: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "page.html"
    done = CliRunner().invoke(
        app,
        ["report", "--lake", str(lake), "--date", "2024-01-04", "--output", str(output)],
    )
    assert done.exit_code == 0, done.output
    assert str(output) in done.stdout.replace("\n", "")
    assert "Marsad 2024-01-04" in output.read_text("utf-8")
    failed = CliRunner().invoke(app, ["report", "--lake", str(tmp_path)])
    assert isinstance(failed.exception, ServeError)
    assert "`marsad serve` builds it" in str(failed.exception)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(None, None, id="null"),
        pytest.param(" \u200f\x00 ", None, id="nothing-visible"),
        pytest.param("\u202eأخبار\nاليوم\u2069", "أخبار اليوم", id="bidi-controls"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiner-stays"),
        pytest.param("a" * 500, "a" * 159 + "…", id="long"),
        pytest.param("x" + "\u0301" * 50, "x" + "\u0301" * 4, id="piled-marks"),
    ],
)
def test_a_text_is_shown_as_one_line(text: str | None, line: str | None) -> None:
    assert shown(text) == line


def test_embedded_json_ends_no_block() -> None:
    assert json.loads(embedded([EVIL])) == [EVIL]
    assert not set("<>&\u2028") & set(embedded([EVIL]))


def test_every_chart_is_vega_lite_as_altair_knows_it() -> None:
    import altair

    charts = read_charts()
    assert len(charts) == 12
    slots = {"start": "left", "end": "right", "rtl": False, "width": 400, "labels": 100}
    slots |= {"tilt": -40, "delays": "''", "cell": 20, "line": 300}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        if isinstance(value, str) and value.startswith("@"):
            name, _, rest = value[1:].partition(" ")
            return float(rest) if name == "sign" else slots[name]
        return value

    for spec in charts.values():
        # Raises where the specification is not of the schema.
        altair.Chart.from_dict(filled(spec) | {"data": {"name": "rows"}})


def test_every_word_is_in_both_languages_and_used() -> None:
    labels = read_labels()
    page = PROJECT_DIR / "marsad" / "serve" / "report" / "page"
    code = "".join(path.read_text("utf-8") for path in sorted(page.glob("*.[jh]*")))
    charts = json.dumps(read_charts())
    made = ("_title", "_hint", "_empty", "severity_", "status_", "basis_", "_share")
    for name, text in labels.items():
        assert text["en"] and text["ar"], name
        assert set(re.findall(r"\{\w+\}", text["en"])) == set(re.findall(r"\{\w+\}", text["ar"]))
        used = re.search(rf"""['"]{name}['"]|\{{\{{(label_)?{name}\}}\}}""", code + charts)
        assert used or any(part in name for part in made), f"nobody uses {name}"


def test_vegas_scripts_are_made_once_and_anew_where_they_are_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, kept = tmp_path / "file", tmp_path / "kept"
    nowhere.write_text("")
    made = vega_scripts(nowhere)  # nothing can be kept there
    assert vega_scripts(kept) == made
    (file,) = kept.iterdir()
    monkeypatch.setitem(sys.modules, "vl_convert", None)  # who imports it now fails
    assert vega_scripts(kept) == made
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ImportError):
        vega_scripts(kept)

"""The Data Docs: from disk, offline, the last runs, safe to open."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from marsad.audit import run
from marsad.audit.run import AuditResult, audit

HOSTILE = "<svg onload=alert(1)><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def judge(night, only: Callable[..., Path], tmp_path: Path) -> Callable[[str], AuditResult]:
    folder = only("pages", "rejects", "sources")
    docs_dir = tmp_path / "data_docs"
    return lambda run_id: audit(night.con, run_id=run_id, suites=[folder], docs_dir=docs_dir)


def links(page: Path) -> list[Path]:
    hrefs = re.findall(r'href="([^"#]+)', page.read_text(encoding="utf-8"))
    return [(page.parent / href).resolve() for href in hrefs]


def test_the_index_leads_to_each_run_and_each_suite(judge, tmp_path: Path) -> None:
    judge("r1")
    judge("r2")
    index = tmp_path / "data_docs" / "index.html"
    runs = links(index)
    assert [page.parent.name for page in runs] == ["r2", "r1"]
    suites = [page for page in links(runs[0]) if page != index.resolve()]
    assert [page.name for page in suites] == ["pages.html", "rejects.html", "sources.html"]
    for page in suites:
        assert "Expectation" in page.read_text(encoding="utf-8")
        assert all(link.is_file() for link in links(page))


def test_a_failure_is_shown_with_its_severity_and_its_figures(night, judge, tmp_path: Path) -> None:
    night.con.execute("update staged_pages set dump_id = null where record_no = 1")
    judge("r1")
    folder = tmp_path / "data_docs" / "runs" / "r1"
    for page in ("index.html", "pages.html"):
        text = (folder / page).read_text(encoding="utf-8")
        assert "values_present" in text and "critical" in text
        assert "1 of 6 rows: no dump_id" in text
    assert "blocked" in (tmp_path / "data_docs" / "index.html").read_text(encoding="utf-8")


def test_nothing_is_loaded_from_elsewhere_and_no_page_can_smuggle_markup(
    night, judge, tmp_path: Path
) -> None:
    # Names of publishers come from the pages, and stand in what the rules found.
    night.con.execute("update staged_sources set name = ? || name", [HOSTILE + "x" * 200])
    night.con.execute("update staged_rejects set raw_encoding = ?", [HOSTILE])
    result = judge(f"r1{HOSTILE}")
    assert any("alert(1)" in line for line in result.warnings)
    assert any("raw_encoding_known: 1 of 1 rows: <svg" in line for line in result.blocked)
    pages = sorted((tmp_path / "data_docs").rglob("*.html"))
    assert len(pages) == 5
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<(script|link|img|iframe|object|svg)\b", text), page
        assert not re.search(r"\b(src|srcset)\s*=|@import|url\(", re.sub("&lt;.*?&gt;", "", text))
        assert "Subscribe" not in text


def test_a_run_that_is_judged_again_replaces_its_pages(night, judge, tmp_path: Path) -> None:
    night.con.execute("update staged_pages set dump_id = null")
    judge("r1")
    night.stage("r1")
    judge("r1")
    runs = links(tmp_path / "data_docs" / "index.html")
    assert len(runs) == 1
    assert "no dump_id" not in runs[0].read_text(encoding="utf-8")


def test_only_the_last_runs_are_kept(judge, tmp_path: Path, monkeypatch) -> None:
    run.prepare()
    from marsad.audit import site

    monkeypatch.setattr(site, "KEPT_RUNS", 2)
    for number in (1, 2, 3):
        judge(f"r{number}")
    docs_dir = tmp_path / "data_docs"
    assert [page.parent.name for page in links(docs_dir / "index.html")] == ["r3", "r2"]
    assert sorted(folder.name for folder in (docs_dir / "runs").iterdir()) == ["r2", "r3"]


def test_a_broken_list_of_runs_starts_the_index_anew(judge, tmp_path: Path) -> None:
    judge("r1")
    (tmp_path / "data_docs" / "runs.json").write_text('{"half', encoding="utf-8")
    judge("r2")
    assert [p.parent.name for p in links(tmp_path / "data_docs" / "index.html")] == ["r2"]


def test_nothing_of_the_audit_is_left_on_the_connection(night, judge) -> None:
    before = night.con.execute("select table_name from duckdb_tables() order by 1").fetchall()
    judge("r1")
    after = night.con.execute("select table_name from duckdb_tables() order by 1").fetchall()
    assert after == before


def test_nothing_is_printed(judge, capfd: pytest.CaptureFixture[str]) -> None:
    judge("r1")
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err == ""

"""The Data Docs: a static site that works from disk, offline.

Great Expectations renders a page for each suite of each run. As shipped these pages load a dozen
style sheets and scripts from other hosts, and the index shows nothing without them; so here they
are stripped of everything that is loaded from elsewhere, get one small style sheet, and the index
is our own. Importing this module imports Great Expectations: see `marsad.audit.run`.

    index.html            the last runs, newest first
    runs.json             the same, for the next build
    runs/<run_id>/index.html, <suite>.html
"""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Final

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from marsad.audit.report import Finding
from marsad.audit.suites import SEVERITIES, Suite

#: Runs that the site keeps; older ones are in `ops.validations`.
KEPT_RUNS: Final = 30

STYLE: Final = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")

_ELSEWHERE = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>"
    r"|<style\b.*?</style>|<noscript\b.*?</noscript>",
    re.DOTALL | re.IGNORECASE,
)
#: The buttons of the side bar work by a script that is not there.
_SIDEBAR_ACTIONS = re.compile(
    r'<div class="card mb-3">\s*<div class="card-header p-2">\s*<strong>Actions.*?'
    r'(?=<div class="card d-md-block)',
    re.DOTALL,
)
_HOME_LINK = re.compile(r'href="(?:\.\./)+index\.html"')
_SUITE_LINK = re.compile(r'<a href="(?:\.\./)+expectations/[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_FOLDER_NAME = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class SuitePage:
    """What a page shows: a suite, Great Expectations' result, and our findings."""

    suite: Suite
    result: ExpectationSuiteValidationResult
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the index."""

    run_id: str
    folder: str
    verdict: str
    n_rules: int
    n_blocked: int
    n_warnings: int
    n_rejected: int


def add_run(
    docs_dir: Path,
    run_id: str,
    pages: Sequence[SuitePage],
    findings: Sequence[Finding],
    n_rejected: int,
) -> Path:
    """Add a run to the site, drop the oldest beyond `KEPT_RUNS`, and rebuild the index.

    A run that is judged again replaces its own pages.

    Returns:
        The page of the run.
    """
    folder = _FOLDER_NAME.sub("_", run_id) or "_"
    target = docs_dir / "runs" / folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    renderer, view = ValidationResultsPageRenderer(), DefaultJinjaPageView()
    for page in pages:
        _explain(page)
        content = renderer.render(page.result)
        html = view.render(content, show_how_to_buttons=False)  # type: ignore[no-untyped-call]
        _write(target / f"{page.suite.name}.html", _offline(str(html)))
    _write(target / "index.html", _run_page(run_id, findings, n_rejected))
    line = RunLine(
        run_id=run_id,
        folder=folder,
        verdict="blocked" if any(each.blocks for each in findings) else "passed",
        n_rules=len(findings),
        n_blocked=sum(each.blocks for each in findings),
        n_warnings=sum(each.warns for each in findings),
        n_rejected=n_rejected,
    )
    lines = [line, *(each for each in _lines(docs_dir) if each.folder != folder)]
    for old in lines[KEPT_RUNS:]:
        shutil.rmtree(docs_dir / "runs" / old.folder, ignore_errors=True)
    _write(docs_dir / "runs.json", json.dumps([asdict(each) for each in lines[:KEPT_RUNS]]))
    _write(docs_dir / "index.html", _index(lines[:KEPT_RUNS]))
    return target / "index.html"


def _lines(docs_dir: Path) -> list[RunLine]:
    """The runs of the last build; a broken list starts the index anew."""
    try:
        raw = json.loads((docs_dir / "runs.json").read_text(encoding="utf-8"))
        return [RunLine(**each) for each in raw]
    except (OSError, ValueError, TypeError):
        return []


def _explain(page: SuitePage) -> None:
    """Let Great Expectations' page say what it has no field for: severity, and what was found."""
    found = {each.rule.name: each for each in page.findings}
    for each in page.result.results:
        config = each.expectation_config
        assert config is not None
        finding = found[config.meta["marsad"]["rule"]]
        config.description = f"[{finding.rule.severity}] {finding.rule.name}: {config.description}"
        # Their renderer writes all of this as it stands, and it comes from the pages.
        each.result["observed_value"] = escape(finding.observed)
        each.result["partial_unexpected_list"] = []
        each.result["partial_unexpected_counts"] = []
        each.exception_info = {"raised_exception": False}


def _offline(html: str) -> str:
    """Take out what is loaded from elsewhere, and what needs a script."""
    html = _SIDEBAR_ACTIONS.sub("", _ELSEWHERE.sub("", html))
    html = _SUITE_LINK.sub(r"\1", _HOME_LINK.sub('href="index.html"', html))
    return html.replace("</head>", f"<style>\n{STYLE}</style>\n</head>", 1)


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f'<body class="plain">\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n'
    )


def _run_page(run_id: str, findings: Sequence[Finding], n_rejected: int) -> str:
    order = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    failed = sorted(
        (each for each in findings if not each.success), key=lambda each: order[each.rule.severity]
    )
    rows = "".join(
        f'<tr class="{each.rule.severity}"><td>{each.rule.severity}</td>'
        f"<td>{escape(each.rule.over)}</td><td>{escape(each.rule.name)}</td>"
        f'<td dir="auto">{escape(each.observed)}</td>'
        f"<td>{escape(each.rule.description)}</td></tr>\n"
        for each in failed
    )
    suites = sorted({each.suite.name for each in findings})
    links = "".join(
        f'<li><a href="{name}.html">{name}</a>: '
        f"{sum(each.success for each in findings if each.suite.name == name)} of "
        f"{sum(each.suite.name == name for each in findings)} rules hold</li>\n"
        for name in suites
    )
    what = f"<p>{n_rejected:,} pages were thrown out by row rules.</p>" if n_rejected else ""
    table = (
        "<table><thead><tr><th>severity</th><th>about</th><th>rule</th><th>found</th>"
        f"<th>what should hold</th></tr></thead><tbody>\n{rows}</tbody></table>"
    )
    return _page(
        f"Audit of run {run_id}",
        f'<p><a href="../../index.html">all runs</a></p>\n'
        f"<h2>Rules that failed</h2>\n{table if failed else '<p>None: every rule holds.</p>'}\n"
        f"{what}\n<h2>Suites</h2>\n<ul>\n{links}</ul>",
    )


def _index(lines: Sequence[RunLine]) -> str:
    rows = "".join(
        f'<tr class="{each.verdict}"><td><a href="runs/{each.folder}/index.html">'
        f"{escape(each.run_id)}</a></td><td>{each.verdict}</td><td>{each.n_rules}</td>"
        f"<td>{each.n_blocked}</td><td>{each.n_warnings}</td><td>{each.n_rejected}</td></tr>\n"
        for each in lines
    )
    return _page(
        "Marsad: Data Docs",
        "<p>The audits of the last runs, newest first. The history is in "
        "<code>ops.validations</code>.</p>\n<table><thead><tr><th>run</th><th>verdict</th>"
        "<th>rules</th><th>blocking</th><th>warnings</th><th>pages thrown out</th></tr></thead>"
        f"<tbody>\n{rows}</tbody></table>",
    )


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all: a browser may be reading the old one."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)

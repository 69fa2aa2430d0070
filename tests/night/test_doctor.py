"""The doctor names each thing that is wrong, and what to do; a sound lake has no error."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lake_nights import Page, publish_pages

from marsad.lake.catalog_copy import keep_copy
from marsad.lake.connect import catalog_path, open_lake
from marsad.night.doctor import examine
from marsad.night.findings import Finding
from marsad.settings import load_settings

PAGES = [
    Page(
        f"text {n}", title=f"title {n}", source="s", keywords=("a", f"k{n}"), links=(f"title {n}",)
    )
    for n in range(24)
]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A sound lake."""
    publish_pages(tmp_path, PAGES, "night")
    for folder in (tmp_path / "staging").iterdir():
        folder.rename(tmp_path / folder.name)
    keep_copy(tmp_path)
    return tmp_path


def _errors(lake: Path, level: str = "error", **changes: object) -> list[Finding]:
    settings = replace(load_settings(lake=lake, environ={}), **changes)  # type: ignore[arg-type]
    return [finding for finding in examine(settings) if finding.level == level]


def test_a_sound_lake_has_no_error_and_no_lake_is_no_error(lake: Path, tmp_path: Path) -> None:
    assert _errors(lake) == []
    assert _errors(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def _a_file(lake: Path) -> Path:
    return next((lake / "data" / "news" / "articles").glob("*.parquet"))


def _flip(lake: Path) -> None:
    path = _a_file(lake)
    data = bytearray(path.read_bytes())
    for place in range(200, 1200):
        data[place] ^= 0xFF
    path.write_bytes(data)


def _write(statement: str) -> Callable[[Path], None]:
    def do(lake: Path) -> None:
        with open_lake(lake, read_only=False) as con:
            con.execute(statement)

    return do


@pytest.mark.parametrize(
    ("harm", "what", "told"),
    [
        pytest.param(lambda lake: _a_file(lake).unlink(), "files", "is missing", id="file_gone"),
        pytest.param(
            lambda lake: _a_file(lake).write_bytes(_a_file(lake).read_bytes()[:-9]),
            "files",
            "bytes, not",
            id="file_cut",
        ),
        pytest.param(
            lambda lake: _a_file(lake).write_bytes(b"x" * _a_file(lake).stat().st_size),
            "files",
            "does not open",
            id="file_overwritten",
        ),
        pytest.param(_flip, "files", "cannot be read", id="bits_flipped"),
        pytest.param(
            _write("insert into news.articles from news.articles limit 3"),
            "rows",
            "3 keys of news.articles (article_id) stand more than once",
            id="key_twice",
        ),
        pytest.param(
            _write("delete from news.articles where title = 'title 3'"),
            "rows",
            "sightings_have_page_and_article",
            id="reference_to_nothing",
        ),
        pytest.param(
            _write("insert into ops.migrations values ('9999_future.sql', 'x')"),
            "schema",
            "version 9999",
            id="newer_schema",
        ),
        pytest.param(
            lambda lake: catalog_path(lake).write_bytes(b"x" * 5000),
            "lake",
            "put back the copy",
            id="broken_catalog",
        ),
    ],
)
def test_each_harm_is_an_error_that_says_what_to_do(
    lake: Path, harm: Callable[[Path], None], what: str, told: str
) -> None:
    harm(lake)
    found = [finding for finding in _errors(lake) if told in finding.found]
    assert found, _errors(lake)
    assert found[0].what == what
    assert found[0].todo or "`" in found[0].found
    assert "\n" not in found[0].found


def test_loops_that_were_not_compiled_are_a_warning(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marsad.parse.keywords.built.IS_BUILT", False)
    assert "loops" in [finding.what for finding in _errors(lake, "warning")]


def test_what_killed_runs_left_is_a_warning(lake: Path) -> None:
    (lake / "staging" / "killed").mkdir(parents=True)
    (lake / "data" / "news" / "articles" / "ducklake-x.parquet").write_bytes(b"x")
    (finding,) = (f for f in _errors(lake, "warning") if f.what == "left over")
    assert finding.found.startswith("1 staging folders and 1 files")
    assert "marsad maintain" in finding.todo


def test_user_data_that_is_wrong_is_told(lake: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "broken.json").write_text("{")
    (finding,) = _errors(lake, user_expectations=own)
    assert finding.what == "configuration"
    assert "broken.json" in finding.found


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_prefect_is_asked_where_a_server_is_named(lake: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert _errors(lake, prefect_api_url=f"{url}/api") == []
        (finding,) = _errors(lake, prefect_api_url=url)
        assert "answers with 500" in finding.found
        server.shutdown()
    (finding,) = _errors(lake, prefect_api_url=f"{url}/api")
    assert "does not answer" in finding.found
    assert "prefect server start" in finding.todo


def test_the_command_ends_with_1_on_errors(lake: Path) -> None:
    program = "from marsad.cli import main; main()"
    command = [sys.executable, "-c", program, "doctor", "--lake", str(lake)]
    good = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert good.returncode == 0, good.stdout + good.stderr
    assert {finding["what"] for finding in json.loads(good.stdout)} >= {"lake", "disk"} - {"lake"}
    _a_file(lake).unlink()
    bad = subprocess.run(command, capture_output=True, text=True)
    assert bad.returncode == 1
    assert "is missing (news.articles, newest snapshot)" in bad.stdout
    assert "put the file back from a backup" in bad.stdout

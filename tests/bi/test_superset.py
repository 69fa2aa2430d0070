"""Apache Superset over the published file: the bundle imports, and every chart draws rows."""

import datetime as dt
import importlib.util
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import FLAGS
from needed import needed
from playwright.sync_api import Page, Response, sync_playwright
from whole_nights import run_night, settings_of

from marsad.night.served import serve
from marsad.serve.swap import published_path
from marsad.settings import PROJECT_DIR
from marsad.synth.generate import SynthOptions, generate

pytestmark = pytest.mark.bi

HERE = Path(__file__).parent
BUNDLE = PROJECT_DIR / "data" / "bi" / "superset"
PYTHON = PROJECT_DIR / ".venv-bi" / "bin" / "python"
CHARTS = len(list((BUNDLE / "bundle" / "charts").glob("*.yaml")))
#: Seconds that Superset may take to start, and a dashboard to draw, on a busy machine.
PATIENCE = 300


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file of two nights of invented news."""
    folder = tmp_path_factory.mktemp("bi")
    made = generate(SynthOptions(pages=300, seed=5, out=folder / "synth", days=2, truth=False))
    # One text at two publishers, without which there is no story to follow.
    shared = [
        {"title": "خبر", "content": "نص واحد عند ناشرين اثنين", "source": source, "date": date}
        for source, date in (("رويترز", "2024-11-18"), ("الجزيرة", "2024-11-19"))
    ]
    dump = folder / "shared.jsonl"
    dump.write_text("\n".join(map(json.dumps, shared)), "utf-8")
    settings = settings_of(folder / "lake")
    for night in (*sorted(made.dumps.iterdir()), dump):
        # Records that do not say when they were observed would have the file's time.
        assert run_night(settings, [night], date=dt.date(2024, 11, 19)).is_good
    serve(settings)
    return published_path(settings.lake)


@pytest.fixture(scope="module")
def superset(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Superset that imported the bundle over the published file."""
    if not PYTHON.exists():
        pytest.fail("no environment with Superset: run `make test-bi`")
    home = tmp_path_factory.mktemp("superset")
    spec = importlib.util.spec_from_file_location("pack", BUNDLE / "pack.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.pack(published, home / "bundle.zip")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
        "PYTHONUNBUFFERED": "1",
    }
    done = subprocess.run(
        [PYTHON, HERE / "prepare_superset.py", home / "bundle.zip"],
        env=environ,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [PYTHON.with_name("superset"), "run", "-h", "127.0.0.1", "-p", str(port)],
            env=environ,
            cwd=home,
            stdout=log,
            stderr=log,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_up(f"{address}/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def wait_until_up(address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, "Superset ended as it started"
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    raise AssertionError(f"Superset did not answer within {PATIENCE} s")


def log_in(page: Page, superset: str) -> None:
    """Cookies of the administrator, without the form: its page draws itself anew as it loads, and
    what was typed before is lost."""
    answer = page.context.request.post(
        f"{superset}/login/",
        form={"username": "admin", "password": "admin"},
        timeout=PATIENCE * 1000,
    )
    assert answer.ok and "/login" not in answer.url, (answer.status, answer.url)


def test_the_bundle_imports_and_every_chart_of_the_dashboard_draws_rows(
    superset: str, tmp_path: Path
) -> None:
    answers: dict[str, tuple[int, list[int]]] = {}
    errors: list[str] = []

    def keep(response: Response) -> None:
        parts = urlsplit(response.url)
        if parts.path == "/api/v1/chart/data":
            form = json.loads(parse_qs(parts.query)["form_data"][0])
            rows = [one["rowcount"] for one in response.json()["result"]] if response.ok else []
            answers[str(form["slice_id"])] = (response.status, rows)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=needed("chromium", "chromium-browser", "google-chrome"), args=FLAGS
        )
        page = browser.new_page(viewport={"width": 1400, "height": 3700})
        page.set_default_timeout(PATIENCE * 1000)
        page.on("response", keep)
        page.on("pageerror", lambda error: errors.append(str(error)))
        log_in(page, superset)
        page.goto(f"{superset}/superset/dashboard/marsad/?standalone=1")
        page.wait_for_function(
            "n => document.querySelectorAll('[data-test=\"chart-container\"]').length >= n"
            " || document.querySelectorAll('.slice_container').length >= n",
            arg=CHARTS,
        )
        page.wait_for_function("() => document.querySelectorAll('.loading').length === 0")
        page.wait_for_timeout(3000)
        kept = Path(os.environ.get("MARSAD_TEST_ARTEFACTS", tmp_path)) / "superset.png"
        kept.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=kept, full_page=True)
        shown = page.locator("body").inner_text()
        drawn = page.locator(".slice_container").count()
        browser.close()
    assert len(answers) == CHARTS
    assert {key: one for key, one in answers.items() if one[0] != 200 or not all(one[1])} == {}
    assert drawn == CHARTS
    assert "Unexpected error" not in shown
    assert "No results" not in shown
    assert errors == []


def test_notebooks_read_the_file_through_sqlalchemy_with_pandas_and_polars(
    published: Path,
) -> None:
    program = """
import sys
import duckdb, pandas, polars, sqlalchemy
assert duckdb.__version__.startswith("1.1."), duckdb.__version__
engine = sqlalchemy.create_engine(
    f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True}
)
query = "select * from keywords order by n_articles desc, keyword_key"
with engine.connect() as con:
    one = pandas.read_sql(sqlalchemy.text(query), con)
    two = polars.read_database(sqlalchemy.text(query), con)
assert len(one) == len(two) > 0
assert one["keyword"].tolist() == two["keyword"].to_list()
print(sqlalchemy.__version__)
"""
    subprocess.run([PYTHON, "-c", program, str(published)], check=True, text=True)


def test_an_older_duckdb_reads_every_table_and_follows_a_story(published: Path) -> None:
    program = """
import sys
import duckdb
assert duckdb.__version__ == "1.1.3", duckdb.__version__
con = duckdb.connect(sys.argv[1], read_only=True)
tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
assert len(tables) > 18
for schema, table in tables:
    con.execute(f"from {schema}.{table}").fetchall()
article, = con.execute("select article_id from story_flow limit 1").fetchone()
assert con.execute("from story_of($1)", [article]).fetchall()
"""
    subprocess.run([PYTHON, "-c", program, str(published)], check=True, text=True)

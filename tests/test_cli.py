"""The command line as a person uses it: in processes of its own, with a temporary server."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sample import SampleLake

MARSAD = Path(sys.executable).parent / "marsad"

pytestmark = pytest.mark.xdist_group("cli")


def marsad(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command, with nothing of the caller's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MARSAD_", "PREFECT_"))}
    return subprocess.run(
        [str(MARSAD), *map(str, arguments)],
        cwd=cwd,
        env={**clean, "PREFECT_HOME": str(cwd / "prefect"), **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def sample_run(
    sample_lake: SampleLake, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object]]:
    """A folder with a lake made of the sample dumps, and what the run said."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(sample_lake.lake, folder / "warehouse")
    return folder, sample_lake.said


def test_run_prints_one_json_object(sample_run: tuple[Path, dict[str, object]]) -> None:
    _, said = sample_run
    expected = {
        "run_id",
        "status",
        "snapshot_id",
        "n_dumps",
        "n_records",
        "n_articles_new",
        "n_sightings",
        "n_related_links",
        "n_article_keywords",
        "n_rejects",
        "seconds",
    }
    assert expected <= set(said)
    assert said["status"] == "published"
    assert said["n_dumps"] == {"new": 4, "skipped": 0, "failed": 0}
    assert said["n_rejects"] == 2


def test_links_of_the_sample_resolve(sample_run: tuple[Path, dict[str, object]]) -> None:
    folder, _ = sample_run
    query = "select count(*) as n from news.related_links where target_article_id is not null"
    found = json.loads(marsad("sql", query, "--format", "json", cwd=folder).stdout)
    assert found[0]["n"] > 50


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json", '[{"n":'), ("jsonl", '{"n":'), ("csv", "n\n"), ("table", "")],
)
def test_sql_writes_every_format(
    sample_run: tuple[Path, dict[str, object]], form: str, begins: str
) -> None:
    folder, _ = sample_run
    done = marsad("sql", "select count(*) as n from news.pages", "--format", form, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(begins)
    assert "156" in done.stdout


def test_sql_reads_its_query_from_standard_input(
    sample_run: tuple[Path, dict[str, object]],
) -> None:
    folder, _ = sample_run
    done = subprocess.run(
        [str(MARSAD), "sql", "--format", "csv"],
        cwd=folder,
        input="select 1 + 1 as two",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "two\n2\n"


def test_sql_writes_a_file_and_imports_neither_prefect_nor_great_expectations(
    sample_run: tuple[Path, dict[str, object]],
) -> None:
    folder, _ = sample_run
    probe = (
        "import sys; sys.argv = ['marsad', 'sql', 'from news.sources', '--output', 'out.parquet'];"
        "from marsad.cli import main;\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = {'prefect', 'great_expectations', 'pandas'} & set(sys.modules);"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", probe], cwd=folder, check=True)
    assert (folder / "out.parquet").read_bytes().startswith(b"PAR1")


def test_runs_diff_and_sql_at_know_the_run(sample_run: tuple[Path, dict[str, object]]) -> None:
    folder, said = sample_run
    name = str(said["run_id"])[:12]
    assert name in marsad("runs", cwd=folder).stdout
    (listed,) = json.loads(marsad("runs", "--json", cwd=folder).stdout)
    assert (listed["run_id"], listed["status"]) == (said["run_id"], "published")
    diff = json.loads(marsad("diff", name, "--json", cwd=folder).stdout)
    assert diff["total"]["articles"] == {"new": said["n_articles_new"], "changed": 0, "vanished": 0}
    assert "الجزيرة" in marsad("diff", "latest", cwd=folder).stdout  # Al Jazeera
    rows = marsad("diff", "latest", "--rows", "links", "--format", "jsonl", cwd=folder).stdout
    assert rows.count("\n") == said["n_related_links"]
    query = "select count(*) as n from news.articles"
    at = marsad("sql", query, "--at", name, "--format", "csv", cwd=folder).stdout
    assert at == f"n\n{said['n_articles_new']}\n"


def test_info_shows_tables_and_runs(sample_run: tuple[Path, dict[str, object]]) -> None:
    folder, said = sample_run
    done = marsad("info", cwd=folder)
    assert done.returncode == 0
    assert "news.articles" in done.stdout
    assert str(said["run_id"])[:12] in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["run", "missing.jsonl"], 2, "no such file or folder", id="missing_input"),
        pytest.param(["run"], 2, "Missing argument", id="no_input"),
        pytest.param(["run", ".", "--date", "yesterday"], 2, "--date", id="no_date"),
        pytest.param(["run", ".", "--workers", "0"], 2, "--workers", id="no_workers"),
        pytest.param(["run", ".", "--runner", "dask=x"], 2, "dask=tcp://host:port", id="no_runner"),
        pytest.param(["sql", "select 1", "--lake", "nowhere"], 1, "no lake in", id="no_lake"),
        pytest.param(["sql", "drop table news.pages"], 1, "is refused", id="no_select"),
        pytest.param(["sql", "select 1; select 2"], 1, "one statement", id="two_statements"),
        pytest.param(["sql", "select nothing"], 1, "nothing", id="no_such_column"),
        pytest.param(["sql", "select 1", "--at", "ffff"], 2, "marsad runs", id="no_such_run"),
        pytest.param(["rollback", "latest"], 2, "--reason", id="no_reason"),
        pytest.param(
            ["sql", "select * from read_text('/etc/passwd')"], 1, "is refused", id="outside"
        ),
    ],
)
def test_wrong_use_is_told_without_a_traceback(
    sample_run: tuple[Path, dict[str, object]], arguments: list[str], code: int, told: str
) -> None:
    folder, _ = sample_run
    done = marsad(*arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wrong_use_touches_nothing(tmp_path: Path) -> None:
    marsad("run", "missing.jsonl", cwd=tmp_path)
    assert not (tmp_path / "warehouse").exists()

"""What analysts use: examples, exports, the catalogue, and errors that name what was meant."""

import csv
import io
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from lake_nights import Page, publish_pages
from rich.cells import cell_len
from rich.console import Console
from whole_nights import run_night, settings_of

from marsad import catalogue, examples
from marsad.ask import answer, opened
from marsad.bidi import isolated
from marsad.errors import ConfigError, MarsadError, QueryError
from marsad.export import export
from marsad.night.served import serve
from marsad.settings import PROJECT_DIR, Settings
from marsad.terminal import print_table

SAMPLE = PROJECT_DIR / "data" / "sample"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of the sample dumps, with its published file."""
    settings = settings_of(tmp_path_factory.mktemp("sample") / "warehouse")
    run_night(settings, [SAMPLE], is_audited=False)
    serve(settings)
    return settings


def test_the_page_of_tables_is_current() -> None:
    assert catalogue.PATH.read_text("utf-8") == catalogue.shipped(), (
        "run `python -m marsad.catalogue`"
    )


def test_the_page_of_examples_is_current(sample: Settings) -> None:
    assert len(examples.load_examples(sample.sql)) >= 15
    assert examples.PATH.read_text("utf-8") == examples.render(sample), (
        "run `make demo` and `python -m marsad.examples`"
    )


def test_every_example_begins_with_its_question() -> None:
    for example in examples.load_examples(PROJECT_DIR / "sql"):
        assert example.text.startswith("-- ")
        assert example.question.endswith("?")


@pytest.mark.parametrize(
    ("query", "published", "told"),
    [
        pytest.param("from news.articel", False, "did you mean news.articles", id="table"),
        pytest.param("select titel from news.articles", False, "did you mean title?", id="column"),
        pytest.param("select fold_a('x')", False, "did you mean fold_ar?", id="macro"),
        pytest.param("from trends('x', 3)", False, "did you mean trend?", id="called"),
        pytest.param("from story_flow", False, "add --published", id="mart"),
        pytest.param("from zzzzzz", False, "`marsad tables` lists", id="nothing_like_it"),
        pytest.param("from storyflow", True, "did you mean story_flow?", id="mart_mistyped"),
        pytest.param("from news.articles", True, "without --published", id="table_of_the_lake"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_answered_with_the_nearest(
    sample: Settings, query: str, published: bool, told: str
) -> None:
    with (
        opened(sample, published=published) as con,
        pytest.raises(QueryError) as caught,
    ):
        answer(con, query, sample, published=published)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "copy articles to '{out}'",
        "attach '{lake}/marsad.duckdb' as again",
        "select * from read_csv('/etc/passwd')",
        "from '{lake}/marsad.duckdb'",
        "set enable_external_access = true",
        "create table published.main.x as select 1",
        "delete from articles",
    ],
)
def test_the_published_file_is_behind_the_same_fences(
    sample: Settings, tmp_path: Path, query: str
) -> None:
    out = tmp_path / "out.csv"
    with opened(sample, published=True, writes=tmp_path) as con, pytest.raises(QueryError):
        answer(con, query.format(out=out, lake=sample.lake), sample, published=True)
    assert not out.exists()


def test_a_mart_is_exported_in_every_format(sample: Settings, tmp_path: Path) -> None:
    with duckdb.connect(str(sample.lake / "marsad.duckdb"), read_only=True) as con:
        rows = con.execute("from daily_publishers").fetchall()
    for form in ("parquet", "csv", "jsonl", "xlsx"):
        done = export(sample, "daily_publishers", tmp_path / f"out.{form}")
        assert done.n_rows == len(rows)
    assert pl.read_parquet(tmp_path / "out.parquet").height == len(rows)
    assert pl.read_ndjson(tmp_path / "out.jsonl")["publisher"].to_list() == [row[2] for row in rows]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row[2] for row in csv.reader(file)][1:] == [row[2] for row in rows]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(rows) + 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "out.csv",
        "out.jsonl",
        "out.parquet",
        "out.xlsx",
    ]


def test_partitions_are_hive_folders(sample: Settings, tmp_path: Path) -> None:
    export(sample, "daily_publishers", tmp_path / "out", partition_by=("day",))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"day=2024-11-{day}" for day in (18, 19, 20, 21)
    ]
    with pytest.raises(ConfigError, match="there already"):
        export(sample, "daily_publishers", tmp_path / "out", partition_by=("day",))


HOSTILE = ["../../up", "a/b", "..", ".", "", "\\x", "x\ny", "أخبار/الآن", "%2e%2e", 'q"uote', "a=b"]


def test_hostile_values_stay_in_their_folder(sample: Settings, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    values = ", ".join("('" + value.replace("'", "''") + "')" for value in HOSTILE)
    query = f"select v as part, v as kept from (values {values}) as t(v)"
    export(sample, query, inside / "out", partition_by=("part",))
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert [path.name for path in inside.iterdir()] == ["out"]
    files = list((inside / "out").rglob("*.parquet"))
    assert all(len(path.relative_to(inside / "out").parts) == 2 for path in files)
    kept = [
        value for path in files for value in pl.read_parquet(path, hive_partitioning=False)["kept"]
    ]
    assert sorted(kept) == sorted(HOSTILE)


def test_no_export_holds_a_formula(sample: Settings, tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "خبر = 1", "http://x", "007"]
    values = ", ".join(f"('{text}')" for text in texts)
    query = (
        f"select t as \"=head\", -5 as n, [t] as l, 'NaN'::double as x from (values {values}) v(t);"
    )
    export(sample, query, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head[0] == "'=head"
    assert [row[0] for row in rows] == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert {row[1] for row in rows} == {"-5"}
    export(sample, query, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert ">=1+1</t>" in sheet


@pytest.mark.parametrize(
    ("what", "name", "options", "told"),
    [
        pytest.param("articels", "out.csv", {}, "did you mean articles", id="unknown"),
        pytest.param("articles", "out.doc", {}, "does not say its format", id="format"),
        pytest.param("articles", "no/out.csv", {}, "is no folder", id="folder"),
        pytest.param("drop table articles", "out.csv", {}, "is refused", id="no_select"),
        pytest.param("select 1; select 2", "out.csv", {}, "one statement", id="two"),
        pytest.param("select 1) to '/tmp/x' --", "out.csv", {}, "syntax error", id="break_out"),
        pytest.param("explain select 1", "out.csv", {}, "syntax error", id="explain"),
        pytest.param("articles", "out", {"partition_by": ("nope",)}, "no such column", id="column"),
        pytest.param("articles", "out.xlsx", {"partition_by": ("day",)}, "no part", id="book"),
        pytest.param('select 1 as "../x"', "o", {"partition_by": ("../x",)}, "letters", id="up"),
    ],
)  # fmt: skip
def test_an_export_that_cannot_be_leaves_nothing(
    sample: Settings,
    tmp_path: Path,
    what: str,
    name: str,
    options: dict[str, tuple[str]],
    told: str,
) -> None:
    with pytest.raises(MarsadError, match=told):
        export(sample, what, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_that_is_too_long_is_refused(
    sample: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marsad.export._SHEET_ROWS", 100)
    with pytest.raises(QueryError, match="more rows than a sheet"):
        export(sample, "articles", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_arabic_lines_are_isolated_each_and_columns_stay_straight() -> None:
    title = "الحكومة العراقية تعلن نتائج الانتخابات في بغداد"  # the government announces results
    frame = pl.DataFrame({"title": [title, "CNN: خبر", "plain"], "n": [1, 2, 3]})
    console = Console(width=30, record=True, file=io.StringIO())
    print_table(console, frame)
    lines = [line for line in console.export_text().splitlines() if line.strip()]
    assert len({cell_len(line) for line in lines}) == 1
    for line in lines:
        opened_, closed = line.count("\u2067") + line.count("\u2068"), line.count("\u2069")
        assert opened_ == closed
    assert sum("\u2067" in line for line in lines) >= 3
    assert isolated("plain") == "plain"
    assert isolated("CNN: خبر عاجل")[0] == "\u2067"


def test_pages_that_hold_a_hostile_title_are_exported_as_text(tmp_path: Path) -> None:
    publish_pages(tmp_path / "lake", [Page("a", title='=HYPERLINK("http://x")')], "one")
    settings = settings_of(tmp_path / "lake")
    export(settings, "select title from news.articles", tmp_path / "a.csv", published=False)
    assert (tmp_path / "a.csv").read_text("utf-8").startswith("title\n\"'=HYPERLINK(")


def test_every_command_is_documented() -> None:
    from marsad.cli import app

    pages = [PROJECT_DIR / "README.md", *(PROJECT_DIR / "docs").glob("*.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    commands = [(app, "marsad")] + [
        (group.typer_instance, f"marsad {group.name}") for group in app.registered_groups
    ]
    for group, prefix in commands:
        for command in group.registered_commands:
            called = f"{prefix} {command.name or command.callback.__name__.replace('_', '-')}"
            assert called in text, f"{called} is in no page of docs/ nor in README.md"

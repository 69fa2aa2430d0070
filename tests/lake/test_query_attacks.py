"""What a hostile statement on `marsad sql` can do: nothing to the lake, little to the machine."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import memory_peak
import pytest
from lake_nights import MIXED, publish_pages

from marsad.errors import QueryError
from marsad.export import export
from marsad.lake import guard
from marsad.lake.guard import Guard
from marsad.lake.query import open_for_people, run_query
from marsad.settings import QueryBounds, load_settings

BOUNDS = QueryBounds(seconds=20, memory_bytes=150 * 10**6, spill_bytes=50 * 10**6)

#: In the statements, {lake} stands for the lake's folder and {out} for a writable one beside it.
REFUSED = [
    # writing
    "insert into news.pages (page_id) values ('x')",
    "update news.articles set title = 'x'",
    "delete from news.articles",
    "merge into news.articles using (select 1) on true when matched then delete",
    "truncate news.articles",
    "drop table news.articles",
    "drop schema news cascade",
    "alter table news.articles add column x int",
    "comment on table news.articles is 'x'",
    "create table news.x as select 1",
    "create or replace view news.articles as select 1",
    "create temp table x as select 1",
    "create macro x() as 1",
    "create or replace macro lake.main.fold_ar(x) as x",
    "with x as (delete from news.articles returning *) select * from x",
    "select * from (delete from news.articles returning *)",
    "explain delete from news.articles",
    "explain analyze delete from news.articles",
    "explain analyze insert into news.pages (page_id) values ('x')",
    # transactions, settings and prepared statements
    "begin",
    "commit",
    "checkpoint",
    "force checkpoint lake",
    "vacuum",
    "analyze",
    "use memory",
    "set memory_limit = '1TB'",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "set search_path = 'memory.main'",
    "set variable x = 1",
    "reset lock_configuration",
    "pragma enable_profiling",
    "pragma memory_limit = '1TB'",
    "prepare x as select 1",
    "execute x",
    "deallocate x",
    # more than one statement, or none
    "select 1; select 2",
    "select 1; delete from news.articles",
    "select 1; -- harmless \n drop table news.articles",
    "",
    ";",
    "-- only a comment",
    "select 1\0; delete from news.articles",
    "select '\ud800'",
    # the engine's reach
    "attach ':memory:' as x",
    "attach 'ducklake:sqlite:{lake}/catalog.sqlite' as x",
    "attach '{lake}/catalog.sqlite' as x (type sqlite)",
    "attach or replace ':memory:' as lake",
    "detach lake",
    "install httpfs",
    "force install httpfs from community",
    "load httpfs",
    "load '{out}/x.duckdb_extension'",
    "create secret x (type s3, key_id 'a', secret 'b')",
    "drop secret x",
    "export database '{out}/x'",
    "import database '{out}/x'",
    "copy news.articles to '{out}/x.csv'",
    "copy (select 1) to '{lake}/data/x.parquet'",
    "copy news.articles from '/etc/passwd'",
    "copy from database lake to memory",
    # files
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from READ_CSV('/etc/passwd')",
    "select * from \"read_csv\"('/etc/passwd')",
    "select * from system.main.read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('{lake}/catalog.sqlite')",
    "select * from read_json('/etc/passwd')",
    "select * from read_parquet('{lake}/data/**')",
    "select * from parquet_metadata('{lake}/data/x.parquet')",
    "select * from glob('/*')",
    "select * from glob('{lake}/data/../*')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from '/etc/passwd.csv'",
    "select * from '{out}/secret.csv'",
    "select * from '{lake}/data/../../secret.csv'",
    "select * from read_duckdb('{out}/x.db', table_name = 'x')",
    "select (select content from read_text('/etc/passwd'))",
    "select 1 where exists (from read_text('/etc/passwd'))",
    "select 1 order by (select content from read_text('/etc/passwd')) limit 1",
    "with x as materialized (from read_text('/etc/passwd')) select 1 from x",
    "explain analyze select * from read_text('/etc/passwd')",
    "explain (analyze, format json) select * from read_text('/etc/passwd')",
    "explain /* x */ analyze select * from read_text('/etc/passwd')",
    "describe select * from read_csv('/etc/passwd')",
    "summarize from read_csv('/etc/passwd')",
    "pivot (from read_csv('/etc/passwd')) on a in ('x') using count(*)",
    # other databases and the network
    "select * from sqlite_scan('{lake}/catalog.sqlite', 'ducklake_snapshot')",
    "select * from sqlite_query('{lake}/catalog.sqlite', 'delete from ducklake_snapshot')",
    "call sqlite_attach('{lake}/catalog.sqlite')",
    "select * from sqlite_attach('{lake}/catalog.sqlite')",
    "select * from postgres_scan('host=localhost', 'public', 'x')",
    "select * from postgres_query('x', 'drop table x')",
    "select * from ducklake_scan('x')",
    "select * from iceberg_scan('s3://x')",
    "select * from 's3://bucket/x.parquet'",
    "select * from 'https://example.com/x.csv'",
    "select * from st_read('/etc/passwd')",
    # the lake's own maintenance
    "call ducklake_expire_snapshots('lake', older_than => now())",
    "select * from ducklake_expire_snapshots('lake', older_than => now())",
    "select * from ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "select * from ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "select * from ducklake_flush_inlined_data('lake')",
    "select * from ducklake_merge_adjacent_files('lake')",
    "select * from ducklake_rewrite_data_files('lake')",
    "select * from ducklake_add_data_files('lake', 'pages', '/etc/passwd')",
    "select * from ducklake_set_option('lake', 'parquet_compression', 'zstd')",
    "select * from ducklake_set_commit_message('lake', 'x', 'y')",
    "call lake.set_option('parquet_compression', 'zstd')",
    "select * from lake.set_option('parquet_compression', 'zstd')",
    "select * from lake.merge_adjacent_files()",
    "explain analyze select * from ducklake_merge_adjacent_files('lake')",
    # SQL in strings
    "select * from query('delete from news.articles')",
    "select * from query('select * from read_text(''/etc/passwd'')')",
    "select * from query_table('news.articles')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "pragma json_execute_serialized_sql('x')",
    "select * from from_substrait('x')",
    # what the engine knows of its surroundings
    "select getenv('PATH')",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_secrets(redact = false)",
    "select * from which_secret('s3://x', 's3')",
    "select * from duckdb_databases()",
    "select * from duckdb_extensions()",
    "select * from enable_logging(storage = 'file', storage_path = '{out}')",
    "select * from enable_profiling()",
    # variables of the program that asks
    "select * from statements",
    "select * from frames",
    # statements made to be costly to read
    "select " + "(" * 100_000 + "1" + ")" * 100_000,
    "select " + "1+" * 20_000 + "1",
    "select " + "[" * 5_000 + "]" * 5_000,
    "select * from " + "(select * from " * 3_000 + "(select 1)" + ")" * 3_000,
    "select 1 " + "union all select 1 " * 12_000,
    "select 1 " + "union all select 1 " * 100_000,
    # hostile names
    'select * from "news"".""articles"',
    'select * from "\'; drop table news.articles; --"',
    'select "\u202e\u2066" from news.articles',
]

#: Admitted, because nothing comes of it that the tables do not say anyway.
HARMLESS = {
    "the lake's history": "select count(*) from ducklake_snapshots('lake')",
    "the same, by the catalog": "select count(*) from lake.snapshots()",
    "the change feed": "select * from ducklake_table_changes('lake', 'news', 'pages', 2, 3)",
    "an earlier state": "select * from news.pages at (version => 2)",
    "names of tables": "select * from information_schema.tables",
    "columns of a table": "describe news.articles",
    "a summary": "summarize news.articles",
    "a plan": "explain select * from news.articles",
    "a plan with its times": "explain analyze select count(*) from news.articles",
    "a path of this machine": "select current_setting('temp_directory')",
    "the path of the lake": "from pragma_database_list",
    "the same, as a pragma": "pragma database_list",
    "catalog, read-only": "select count(*) from __ducklake_metadata_lake.ducklake_snapshot",
    "a log in memory that is off": "select write_log('x')",
    "secrets that were never made": "select 'create secret x'",
    "keywords as text": "select 'attach; copy; read_csv(''/etc/passwd'')' as \"drop table\"",
    "one statement with its end": "select 1;",
    "a comment that looks like a statement": "select 1 /* ; drop table news.articles */",
}

#: The command line, after a folder to import from, and then the most memory that it held, in
#: megabytes.
ASK = """
import sys
sys.path.append(sys.argv.pop(1))
from marsad.cli import main
from memory_peak import peak_mb
try:
    main()
finally:
    print(peak_mb(), file=sys.stderr)
"""

HELPERS = str(Path(memory_peak.__file__).parent)

#: More than the machine should give: interrupted, or out of the memory that it was given.
BOMBS = [
    "select repeat('x', 10000000000)",
    "select range(1000000000)",
    "select list(i) from range(1000000000) r(i)",
    "from range(100000000000)",
    "select string_agg(repeat('x', 1000), '') from range(100000000)",
    "with recursive t as (select repeat('x', 1000) as x union all select x || x from t) from t",
    "select repeat('x', 1000000) from range(100000)",
    # one call that allocates outside the engine's buffers
    "select array_to_string(list_transform(range(1000000), lambda x: repeat('y', 90000)), '')",
    "select list_reduce(range(100000000), lambda x, y: x + y)",
]


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below a folder, with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lake of two nights and something secret beside it."""
    folder = tmp_path_factory.mktemp("attacked")
    publish_pages(folder / "lake", MIXED[:3], "first")
    publish_pages(folder / "lake", MIXED[3:], "second", day=2)
    (folder / "secret.csv").write_text("a,b\n1,2\n")
    return folder


@pytest.fixture(scope="module")
def con(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for people."""
    with open_for_people(folder / "lake", BOUNDS) as con:
        yield con


@pytest.fixture(autouse=True)
def untouched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After each test every byte of the folder is as it was, and nothing has come to it."""
    monkeypatch.chdir(folder)
    before = fingerprint(folder)
    yield
    assert fingerprint(folder) == before


@pytest.mark.parametrize("statement", REFUSED, ids=lambda text: ascii(text[:60]))
def test_a_hostile_statement_is_refused_in_one_line(
    folder: Path, con: duckdb.DuckDBPyConnection, statement: str
) -> None:
    query = statement.replace("{lake}", str(folder / "lake")).replace("{out}", str(folder))
    began = time.monotonic()
    with pytest.raises(QueryError) as caught:
        run_query(con, query, BOUNDS)
    line = str(caught.value)
    assert line and "\n" not in line
    assert len(line) < 400
    assert "root:" not in line
    assert time.monotonic() - began < 10


def test_a_connection_that_exports_refuses_the_same(folder: Path, tmp_path: Path) -> None:
    # It may write to one folder, where that of a question may write nothing.
    with open_for_people(folder / "lake", BOUNDS, writes=tmp_path) as con:
        for statement in REFUSED:
            query = statement.replace("{lake}", str(folder / "lake")).replace(
                "{out}", str(tmp_path)
            )
            with pytest.raises(QueryError) as caught:
                run_query(con, query, BOUNDS)
            assert "root:" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_query_breaks_out_of_no_export(folder: Path) -> None:
    settings = load_settings(lake=folder / "lake", environ={})
    target = folder / "lake" / "data"
    for query in (
        f"select 1) to '{folder}/x.csv'; --",
        f"select 1) to '{target}/x.parquet' (format parquet); copy (select 1",
        "select 1; select 2",
    ):
        with pytest.raises(QueryError):
            export(settings, query, folder / "taken.csv", published=False)


@pytest.mark.parametrize("query", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_statement_is_answered(con: duckdb.DuckDBPyConnection, query: str) -> None:
    assert run_query(con, query, BOUNDS).height >= 0


def test_where_people_ask_no_unsigned_extension_could_be_loaded(
    con: duckdb.DuckDBPyConnection,
) -> None:
    asked = con.execute("select current_setting('allow_unsigned_extensions')")
    assert asked.fetchone() == (False,)


@pytest.mark.parametrize("query", BOMBS)
def test_a_query_gets_no_more_memory_than_it_was_given(folder: Path, query: str) -> None:
    # In a process of its own, for that is what ends where nothing else helps.
    done = subprocess.run(
        [sys.executable, "-c", ASK, HELPERS, "sql", query, "--lake", str(folder / "lake")],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "MARSAD_SQL_MEMORY_MB": "150", "MARSAD_SQL_SECONDS": "10"},
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 1
    line, _, peak = done.stderr.removesuffix("\n").partition("\n")
    assert line.startswith("marsad: ")
    # The process that ends at once has no time to say how much it held.
    # What it takes between two looks comes on top, of the 10 GB and more that it asked for.
    assert not peak or int(peak) < 1_500


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("select count(*) from range(1000000) a, range(1000000) b", id="product"),
        pytest.param(
            "with recursive t as (select 1 as x union all select x + 1 from t) from t",
            id="without_end",
        ),
    ],
)
def test_a_query_gets_no_more_time_than_it_was_given(folder: Path, query: str) -> None:
    bounds = QueryBounds(seconds=0.5, memory_bytes=BOUNDS.memory_bytes)
    with open_for_people(folder / "lake", bounds) as con:
        began = time.monotonic()
        with pytest.raises(QueryError, match=r"more than 0\.5 s and was stopped"):
            run_query(con, query, bounds)
        assert time.monotonic() - began < guard.GRACE
        # The connection is as good as before.
        assert run_query(con, "select 1 as x", bounds)["x"].to_list() == [1]


def test_a_query_that_obeys_no_interrupt_ends_its_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(guard, "GRACE", 0.1)
    spill = tmp_path / "spill"
    spill.mkdir()
    ended: list[int] = []
    con = duckdb.connect()
    with Guard(con, QueryBounds(seconds=0.1), spill=spill, end=ended.append):
        time.sleep(1)
    con.close()
    assert ended == [1]
    assert not spill.exists()
    assert "was stopped" in capsys.readouterr().err


def test_bounds_come_from_the_environment() -> None:
    environ = {"MARSAD_SQL_SECONDS": "7", "MARSAD_SQL_MEMORY_MB": "64"}
    query = load_settings(environ=environ).query
    assert (query.seconds, query.memory_bytes) == (7, 64 * 10**6)

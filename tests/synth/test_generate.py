"""Generated dumps: the same from the same seed, and as their truth says."""

import csv
import gzip
import json
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from marsad.errors import ConfigError
from marsad.synth.generate import FORMATS, SynthOptions, generate

SEED = 31
N_PAGES = 2500  # more than a block
BLANK_LINE = "\n\n"


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _truth(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "truth" / "*.parquet")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synth") / "out"
    report = generate(SynthOptions(N_PAGES, SEED, out, days=3))
    assert report.n_records == N_PAGES
    return out


@pytest.fixture(scope="module")
def pages(corpus: Path) -> dict[tuple[str, int], str]:
    dumps = corpus / "dumps"
    return {
        (path.relative_to(dumps).as_posix(), number): json.loads(line)["text"]
        for path in sorted(dumps.rglob("*.jsonl"))
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")[:-1], 1)
    }


def test_the_same_seed_gives_the_same_bytes_with_one_process_and_with_two(
    corpus: Path, tmp_path: Path
) -> None:
    generate(SynthOptions(N_PAGES, SEED, tmp_path, days=3, processes=2))
    assert _files(tmp_path / "dumps") == _files(corpus / "dumps")
    assert_frame_equal(_truth(tmp_path), _truth(corpus))


def test_a_longer_run_begins_with_the_pages_of_a_shorter_one(corpus: Path, tmp_path: Path) -> None:
    generate(SynthOptions(100, SEED, tmp_path, days=3))
    for name, content in _files(tmp_path / "dumps").items():
        assert (corpus / "dumps" / name).read_bytes().startswith(content)


def test_another_seed_gives_other_pages(corpus: Path, tmp_path: Path) -> None:
    generate(SynthOptions(100, SEED + 1, tmp_path, days=3))
    lines = (tmp_path / "dumps/2024-11-18/pages.jsonl").read_text(encoding="utf-8").split("\n")
    others = (corpus / "dumps/2024-11-18/pages.jsonl").read_text(encoding="utf-8")
    assert not [line for line in lines if line and line in others]


def test_every_record_has_one_row_of_truth(corpus: Path, pages: dict[tuple[str, int], str]) -> None:
    rows = _truth(corpus).select("file", "record_no").rows()
    assert len(rows) == len(set(rows)) == N_PAGES
    assert set(rows) == set(pages)


def test_every_true_text_stands_in_its_page(
    corpus: Path, pages: dict[tuple[str, int], str]
) -> None:
    for row in _truth(corpus).iter_rows(named=True):
        text = pages[row["file"], row["record_no"]].replace("\r\n", "\n")
        whole = [row[name] for name in ("title", "publisher_raw", "author", "source_raw")]
        whole += [row["keywords_raw"], row["read_also_title"], row["read_also_source_raw"]]
        whole += row["signature"] + row["promotion"] + row["contact"] + row["links"]
        for name in ("body", "read_also_body"):
            whole += (row[name] or "").split(BLANK_LINE)
        assert [part for part in whole if part is not None and part not in text] == []


def test_undelimited_keywords_are_the_line_joined_by_spaces(corpus: Path) -> None:
    truth = _truth(corpus)
    assert truth.filter("keywords_delimited").height > 100
    lines = truth.filter(~pl.col("keywords_delimited"))
    assert (lines["keywords"].list.join(" ") == lines["keywords_raw"]).all()


def test_an_article_has_one_title_one_body_and_one_line_wherever_it_is_shown(corpus: Path) -> None:
    truth = _truth(corpus)
    assert truth["main_article"].n_unique() < truth.height
    intact = truth.filter(
        ~pl.col("variants").list.contains("first_letter_lost"),
        ~pl.col("variants").list.contains("mixed_digits"),
    )
    shown = pl.concat(
        [
            intact.select(number="main_article", title="title", body="body"),
            truth.select(
                number="read_also_article", title="read_also_title", body="read_also_body"
            ),
        ]
    ).filter(pl.col("number").is_not_null())
    by_number = shown.group_by("number").agg(pl.col("title", "body").drop_nulls().n_unique())
    assert by_number["title"].max() == 1
    assert by_number["body"].max() == 1


def test_links_name_an_article_whose_title_the_run_shows(corpus: Path) -> None:
    truth = _truth(corpus)
    titles = pl.concat(
        [
            truth.select(target="main_article", shown="title"),
            truth.select(target="read_also_article", shown="read_also_title"),
        ]
    ).drop_nulls()
    links = (
        truth.select("links", "link_targets", "link_matches")
        .explode("links", "link_targets", "link_matches")
        .drop_nulls("links")
    )
    targets = links.drop_nulls("link_targets")
    assert 0.2 < targets.height / links.height < 0.9
    assert set(targets["link_matches"].unique()) == {"exact", "near"}
    resolved = targets.join(titles.unique(), left_on="link_targets", right_on="target", how="left")
    assert resolved["shown"].null_count() == 0
    exact = resolved.filter(pl.col("link_matches") == "exact")
    assert (exact["links"] == exact["shown"]).mean() > 0.8  # the rest is spelt another way


def test_every_variant_is_there(corpus: Path) -> None:
    found = set(_truth(corpus)["variants"].explode().drop_nulls())
    eight = {"header", "title_repeated", "header_author", "one_newline", "no_keywords"}
    eight |= {"no_read_also_publisher", "signature", "promotion", "contact", "first_letter_lost"}
    eight |= {"mixed_digits", "ends_early"}
    assert eight <= found
    more = {"label_synonym", "source_next_line", "source_form L ( V )", "keywords_next_line"}
    assert more | {"windows_newlines", "nbsp", "bidi", "impossible_date"} <= found


def test_plain_pages_have_no_variant(tmp_path: Path) -> None:
    generate(SynthOptions(50, SEED, tmp_path, variants="plain"))
    truth = _truth(tmp_path)
    assert truth["variants"].list.len().max() == 0
    text = json.loads((tmp_path / "dumps/2024-11-18/pages.jsonl").read_bytes().split(b"\n")[0])
    row = truth.row(0, named=True)
    parts = [row["body"], f"المصدر: {row['source_raw']}", f"كلمات دلالية: {row['keywords_raw']}"]
    parts += ["إقرأ أيضاً:", row["read_also_title"], f"{row['read_also_source_raw']} .."]
    parts += [row["read_also_body"], "user", "مقالات مشابهة"]
    parts += ["\n".join(f"  • {title}" for title in row["links"])]
    assert text["text"] == BLANK_LINE.join(parts)


def _texts(path: Path) -> list[str]:
    """Texts of a dump, in order, by readers that are not Marsad's."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)["text"].to_list()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name).decode() for name in archive.namelist()]
    if path.suffix == ".tar":
        with tarfile.open(path) as archive:
            return [archive.extractfile(member).read().decode() for member in archive]
    if path.suffix == ".zst":
        return pl.read_ndjson(path)["text"].to_list()
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.suffix == ".csv":
        return [row["text"] for row in csv.DictReader(data.decode().splitlines(keepends=True))]
    if path.suffix == ".json":
        return [record["text"] for record in json.loads(data)]
    return [json.loads(line)["text"] for line in data.splitlines()]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "txt"])
def test_every_format_holds_the_same_pages(
    form: str, corpus: Path, pages: dict[tuple[str, int], str], tmp_path: Path
) -> None:
    generate(SynthOptions(60, SEED, tmp_path, days=3, format=form, truth=False))
    assert not (tmp_path / "truth").exists()
    for day in ("2024-11-18", "2024-11-19", "2024-11-20"):
        texts = _texts(tmp_path / "dumps" / day / f"pages.{form}")
        assert texts == [pages[f"{day}/pages.jsonl", number] for number in range(1, 21)]


def test_text_files_stand_where_the_truth_says(
    pages: dict[tuple[str, int], str], tmp_path: Path
) -> None:
    generate(SynthOptions(30, SEED, tmp_path, days=3, format="txt"))
    files = _truth(tmp_path)["file"].to_list()
    assert len(set(files)) == 30
    texts = {(tmp_path / "dumps" / file).read_bytes().decode() for file in files}
    assert texts <= set(pages.values())


def test_structured_articles_have_the_fields_of_their_truth(tmp_path: Path) -> None:
    generate(SynthOptions(40, SEED, tmp_path, format="zip", kind="article"))
    with zipfile.ZipFile(tmp_path / "dumps/2024-11-18/articles.zip") as archive:
        assert archive.namelist() == ["2024-11-18.json"]
        records = json.loads(archive.read("2024-11-18.json"))
    expected = _truth(tmp_path).select(title="title", source="source_raw", content="body")
    fields = ["title", "source", "content"]
    assert [{key: record[key] for key in fields} for record in records] == expected.to_dicts()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(SynthOptions(0, 1, Path("x")), id="no pages"),
        pytest.param(SynthOptions(1, -1, Path("x")), id="a negative seed"),
        pytest.param(SynthOptions(1, 1, Path("x"), format="xml"), id="an unknown format"),
        pytest.param(
            SynthOptions(1, 1, Path("x"), format="txt", kind="article"), id="txt articles"
        ),
    ],
)
def test_options_that_cannot_be_are_refused(options: SynthOptions) -> None:
    with pytest.raises(ConfigError):
        generate(options)


def test_a_folder_with_dumps_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    with pytest.raises(ConfigError, match="exists"):
        generate(SynthOptions(1, 1, tmp_path))
    assert list((tmp_path / "dumps").iterdir()) == []

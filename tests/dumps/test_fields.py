"""Field names are data, and a user's file goes before the shipped one."""

from pathlib import Path

import pytest

from marsad.dumps.fields import TARGETS, FieldMap, load_fields
from marsad.errors import ConfigError


def test_the_shipped_names_cover_every_target(fields: FieldMap) -> None:
    assert {target for target, _ in fields.ranks.values()} == set(TARGETS)


def test_names_are_found_in_any_case_and_the_first_synonym_wins(fields: FieldMap) -> None:
    names = ["Headline", " TITLE ", "body", "Date", "unknown"]
    found = {"content": ["body"], "title": [" TITLE ", "Headline"], "date": ["Date"]}
    assert fields.columns(names) == found
    assert fields.columns(names[::-1]) == found


def test_a_users_names_go_first(tmp_path: Path) -> None:
    shipped, own = tmp_path / "a.csv", tmp_path / "b.csv"
    shipped.write_text("target,name\ntitle,title\nsource,site\n")
    own.write_text("target,name\ntitle,عنوان الخبر\nurl,Site\n")  # "headline"
    fields = load_fields([shipped, own, tmp_path / "missing.csv"])
    assert fields.columns(["title", "عنوان الخبر", "site"]) == {
        "title": ["عنوان الخبر", "title"],
        "url": ["site"],
    }


@pytest.mark.parametrize(
    "text", ["target,name\nheading,x\n", "target,name\ntitle,\n", "a,b\nc,d\n"]
)
def test_a_wrong_file_is_said_in_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ConfigError, match=r"a\.csv"):
        load_fields([tmp_path / "a.csv"])

"""Rejects that today's reader takes are published as the pages they would have been."""

import csv
import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from lake_nights import Page, one, publish_pages, rows_of
from whole_nights import run_night, run_replay, settings_of

from marsad.errors import ConfigError
from marsad.lake.connect import open_lake
from marsad.lake.integrity import failed_checks
from marsad.lake.rejects import Selection, read_rejects
from marsad.night.replay_reading import require_rejects
from marsad.night.waived import waive
from marsad.settings import PROJECT_DIR

#: "The ministry announced plan number {n} for the roads of the capital after a long meeting."
BODY = "أعلنت الوزارة الخطة رقم {n} لطرق العاصمة بعد اجتماع طويل."


def record(n: int, name: str = "content", **more: str) -> dict[str, str]:
    """A structured record, whose text stands under this name."""
    return {
        "title": f"عنوان {n}",  # title
        name: BODY.format(n=n),
        "source": "رويترز",  # Reuters
        "tags": "بغداد، العراق",  # Baghdad, Iraq
        **more,
    }


def lines(*rows: object) -> bytes:
    """JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """A folder of dumps in which some records have their text under a name that nobody knows."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    dated = record(4, "matn", date_extracted="2024-11-17 08:00:00")
    (folder / "a.jsonl").write_bytes(
        lines(record(1), record(2), record(3, "matn"), dated) + b"{broken\n"
    )
    (folder / "empty.txt").write_bytes(b" \n")
    member = tmp_path / "b.json"
    member.write_bytes(json.dumps([record(5), record(6, "matn")], ensure_ascii=False).encode())
    with tarfile.open(folder / "c.tar", "w") as archive:
        archive.add(member, "2024-11-16/b.json")
    with (folder / "d.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["title", "content", "matn", "source"])
        table.writerow(["عنوان 7", BODY.format(n=7), "", "رويترز"])
        table.writerow(["عنوان 8", "", BODY.format(n=8), "رويترز"])
    return folder


@pytest.fixture
def reference(tmp_path: Path) -> str:
    """A folder of reference data that knows the name."""
    folder = tmp_path / "reference"
    folder.mkdir()
    (folder / "fields.csv").write_text("target,name\ncontent,matn\n", encoding="utf-8")
    return str(folder)


def rejects(lake: Path, **selection: str) -> list[tuple[str, str, int]]:
    """Status, rule and record of rejects."""
    with open_lake(lake) as con:
        found = read_rejects(con, Selection(**selection))  # type: ignore[arg-type]
    return [tuple(row) for row in found.select("status", "rule", "record_no").iter_rows()]


def state(lake: Path) -> object:
    """What a replay may change, and what an undisturbed lake has."""
    with open_lake(lake) as con:
        counts = con.execute(
            "select dump_id, n_records, n_rejects, status from ops.dumps order by all"
        ).fetchall()
        assert failed_checks(con, PROJECT_DIR / "sql") == ()
    return rows_of(lake), counts


def test_what_passes_now_is_published_as_if_it_always_had(
    tmp_path: Path, dumps: Path, reference: str
) -> None:
    lake = tmp_path / "lake"
    first = run_night(settings_of(lake), [dumps])
    assert (first.status, first.n_records, first.n_rejects) == ("published", 10, 6)
    # Files may get another time; a record stays seen when it was.
    times = (dumps / "d.csv").stat()
    (dumps / "d.csv").touch()
    again = run_replay(settings_of(lake, MARSAD_REFERENCE=reference))
    assert (again.status, again.kind) == ("published", "replay")
    assert (again.n_records, again.n_rejects, again.n_articles_new) == (6, 2, 4)
    assert dict(again.rejects_by_rule) == {"empty_page": 1, "invalid_json": 1}
    assert again.problems == ()
    assert sorted(rejects(lake)) == [
        ("open", "empty_page", 1),
        ("open", "invalid_json", 5),
        ("replayed", "no_text", 2),
        ("replayed", "no_text", 2),
        ("replayed", "no_text", 3),
        ("replayed", "no_text", 4),
    ]
    assert one(lake, "select count(distinct replay_run_id) from ops.rejects") == 1
    assert one(lake, "select kind from ops.runs order by run_id desc limit 1") == "replay"

    undisturbed = tmp_path / "undisturbed"
    os.utime(dumps / "d.csv", ns=(times.st_atime_ns, times.st_mtime_ns))
    run_night(settings_of(undisturbed, MARSAD_REFERENCE=reference), [dumps])
    assert state(lake) == state(undisturbed)

    before = state(lake)
    third = run_replay(settings_of(lake, MARSAD_REFERENCE=reference))
    assert (third.status, third.n_records) == ("nothing_new", 2)
    assert state(lake) == before
    assert run_night(settings_of(lake), [dumps]).status == "nothing_new"


def test_what_cannot_be_tried_is_told_with_its_reason(
    tmp_path: Path, dumps: Path, reference: str
) -> None:
    lake = tmp_path / "lake"
    run_night(settings_of(lake), [dumps])
    knowing = settings_of(lake, MARSAD_REFERENCE=reference)
    kept = (dumps / "d.csv").read_bytes()
    (dumps / "d.csv").write_bytes(kept + b"more,,,\n")
    changed = run_replay(knowing, Selection(dump="d.csv"))
    assert changed.status == "nothing_new"
    assert "d.csv: 1 not tried: " in changed.problems[0]
    assert "the file has changed since" in changed.problems[0]
    shutil.rmtree(dumps)
    gone = run_replay(knowing)
    assert (gone.status, gone.n_records, gone.n_articles_new) == ("published", 5, 3)
    (problem,) = gone.problems
    assert "d.csv: 1 not tried: what was kept of them is cut or not enough" in problem
    assert "there is no such file" in problem


@pytest.mark.heavy
def test_a_page_that_the_audit_threw_out_is_replayed_under_another_bound(
    tmp_path: Path,
) -> None:
    lake, dump, own = tmp_path / "lake", tmp_path / "a.jsonl", tmp_path / "own"
    dump.write_bytes(lines(record(1), record(2) | {"title": "ع" * 1200}))
    assert run_night(settings_of(lake), [dump]).n_rejects == 1
    assert rejects(lake) == [("open", "title_length", 2)]
    assert run_replay(settings_of(lake)).status == "nothing_new"
    own.mkdir()
    for suite in ("pages", "sightings"):
        rule = {"meta": {"marsad": {"rule": "title_length", "bounds": {"max_chars": 2000}}}}
        text = json.dumps({"name": suite, "expectations": [rule]})
        (own / f"{suite}.json").write_text(text)
    done = run_replay(settings_of(lake, MARSAD_EXPECTATIONS=str(own)))
    assert (done.status, done.n_records, done.n_rejects) == ("published", 1, 0)
    undisturbed = tmp_path / "undisturbed"
    run_night(settings_of(undisturbed, MARSAD_EXPECTATIONS=str(own)), [dump])
    assert state(lake) == state(undisturbed)
    judged = "select observed from ops.validations where expectation = 'volume_low'"
    assert str(one(lake, f"{judged} and run_id = '{done.run_id}'")) == (
        "skipped: not judged in a replay"
    )


def test_a_reject_is_waived_with_a_reason_and_found_by_what_people_call_it(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    publish_pages(lake, [Page("a"), Page("b"), Page("c")], "one.jsonl", rejected=[2, 3])
    publish_pages(lake, [Page("d"), Page("e")], "two.jsonl", rejected=[1], day=2)
    settings = settings_of(lake)
    with open_lake(lake) as con:
        found = read_rejects(con, Selection(dump="one"))["reject_id"].to_list()
    assert len(found) == 2
    with pytest.raises(ConfigError, match="say which rejects"):
        waive(settings, Selection(), "all of them")
    with pytest.raises(ConfigError, match="needs a reason"):
        waive(settings, Selection(dump="one"), " ")
    assert waive(settings, Selection(names=(found[0][:12],)), "a test page").height == 1
    with pytest.raises(ConfigError, match="no open reject is meant"):
        waive(settings, Selection(names=(found[0],)), "again")
    assert one(lake, "select reason from ops.rejects where status = 'waived'") == "a test page"
    assert len(rejects(lake, dump="one")) == 2
    assert len(rejects(lake, dump="one", status="open")) == 1
    with pytest.raises(ConfigError, match=r"none of these rejects is open \(waived\)"):
        require_rejects(settings, Selection(names=(found[0],)))
    with pytest.raises(ConfigError, match="no reject is called"):
        require_rejects(settings, Selection(names=("f" * 32,)))
    for hostile in ("'; drop table ops.rejects", "", "%"):
        with pytest.raises(ConfigError, match="is no reject"):
            require_rejects(settings, Selection(names=(hostile,)))
    assert rejects(lake, rule="' or true --", dump="' or true --") == []

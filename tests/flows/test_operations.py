"""Backfill and replay on a real Prefect server, and what they leave there."""

import datetime as dt
import json
from pathlib import Path

import pytest

from flows.backfill import run_once as backfill_once
from flows.replay import run_once as replay_once
from marsad.lake.connect import open_lake
from marsad.lake.rejects import Selection
from marsad.settings import load_settings

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


def _artifacts() -> dict[str, object]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/latest/filter", json={"limit": 200}).json()
    return {each["key"]: each["data"] for each in found}


def test_backfill_and_replay_leave_what_they_did_on_prefects_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "dumps" / "2024-11-18"
    folder.mkdir(parents=True)
    text = "أعلنت الوزارة خطة جديدة للطرق في العاصمة."  # the ministry announced a new plan …
    rows = [{"text": text}, {"matn": f"{text} وخطة أخرى لم يعرف اسم حقلها أحد."}]
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lake = tmp_path / "lake"
    settings = load_settings(lake=lake, workers=1, environ={})
    pattern = [f"{tmp_path}/dumps/{{date}}"]
    done = backfill_once(pattern, dt.date(2024, 11, 18), dt.date(2024, 11, 19), settings)
    assert [day.status for day in done.days] == ["published", "missing"]
    again = backfill_once(pattern, dt.date(2024, 11, 18), dt.date(2024, 11, 19), settings)
    assert [day.status for day in again.days] == ["nothing_new", "missing"]

    own = tmp_path / "own"
    own.mkdir()
    (own / "fields.csv").write_text("target,name\ncontent,matn\n", encoding="utf-8")
    monkeypatch.setenv("MARSAD_REFERENCE", str(own))
    replayed = replay_once(settings, Selection(dump="2024-11-18"))
    assert (replayed.status, replayed.n_records, replayed.n_articles_new) == ("published", 1, 1)
    with open_lake(lake) as con:
        seen = con.execute(
            "select distinct strftime(observed_at, '%Y-%m-%d') from news.pages order by all"
        ).fetchall()
        kinds = con.execute("select kind from ops.runs order by run_id").fetchall()
    assert seen == [("2024-11-18",)]
    assert [kind for (kind,) in kinds] == ["backfill"] * 2 + ["replay"]

    left = _artifacts()
    assert "2024-11-19" in str(left["marsad-backfill"])
    assert "missing" in str(left["marsad-backfill"])
    assert "replay" in str(left["marsad-summary"])
    stages = json.loads(str(left["marsad-stages"]))
    assert [row["seconds"] for row in stages] == sorted(replayed.seconds.values(), reverse=True)
    assert str(left["marsad-data-docs"]).startswith("[Data Docs](file:///")

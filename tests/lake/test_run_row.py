"""The row of a run is written as it is, whatever its texts hold, and without binding values."""

from datetime import UTC, datetime
from pathlib import Path

from marsad.lake.connect import open_lake
from marsad.lake.migrate import migrate
from marsad.lake.publish import RunRow, insert_run, record_run
from marsad.settings import load_settings

HOSTILE = "it's; drop table ops.runs; -- $1 \\ \n «خبر»"  # khabar, news


def test_hostile_texts_are_kept(tmp_path: Path) -> None:
    when = datetime(2024, 11, 18, 2, 30, 0, 123456, UTC)
    row = RunRow("0a", when, when, "failed", "nightly", 3, 1, "v1", error=HOSTILE)
    with open_lake(tmp_path, read_only=False) as con:
        migrate(con, load_settings(lake=tmp_path).sql)
        insert_run(con, row)
        found = con.execute(
            "select run_id, started_at::varchar, n_records, error, snapshot_id, reason"
            " from ops.runs"
        ).fetchall()
    assert found == [("0a", "2024-11-18 02:30:00.123456+00", 3, HOSTILE, None, None)]


def test_a_run_that_publishes_nothing_leaves_its_name_at_the_snapshot(tmp_path: Path) -> None:
    when = datetime(2024, 11, 18, tzinfo=UTC)
    with open_lake(tmp_path, read_only=False) as con:
        migrate(con, load_settings(lake=tmp_path).sql)
        record_run(con, RunRow("0a", when, when, "failed", "nightly", 3, 1, "v1"))
        found = con.execute(
            "select max_by(commit_message, snapshot_id) from ducklake_snapshots('lake')"
        ).fetchone()
    assert found == ("nightly 0a",)

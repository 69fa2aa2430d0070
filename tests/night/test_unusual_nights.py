"""Nights that are not like the nights before them, from the dump to what people are told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lake_nights import one, rows_of
from webhook_server import SECRET, server
from whole_nights import run_night, settings_of

USUAL = 90
SOURCES = ("سكاي نيوز عربية", "رويترز", "الجزيرة نت")  # Sky News Arabia, Reuters, Al Jazeera
#: "The council of {day} agreed upon plan {n} for the roads of the capital."
BODY = "وافق مجلس يوم {day} على الخطة رقم {n} لطرق العاصمة بعد اجتماع طويل."


def night(
    folder: Path, day: int, n_pages: int = USUAL, *, spoil: Callable[[dict[str, str]], None] = id
) -> Path:
    """Write the dump of a day."""
    rows = []
    for n in range(n_pages):
        row = {
            "title": f"عنوان {n} من {day}",  # title
            "content": BODY.format(day=day, n=n),
            "source": SOURCES[n % len(SOURCES)],
            "tags": "القوات العراقية، بغداد",  # Iraqi forces, Baghdad
            "date": f"2024-11-{day:02d} 05:00:00",
            "date_extracted": f"2024-11-{day:02d} 08:00:00",
        }
        spoil(row)
        rows.append(json.dumps(row, ensure_ascii=False))
    path = folder / f"{day}-{n_pages}-{spoil.__name__}.jsonl"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def without_tags(row: dict[str, str]) -> None:
    """Let the keywords of one publisher vanish."""
    if row["source"] == SOURCES[1]:
        row["tags"] = ""


def test_too_little_and_what_vanishes_block_and_too_much_warns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    usual = settings_of(lake)
    for day in range(1, 7):
        run_night(usual, [night(tmp_path, day)], is_audited=False)
    before = rows_of(lake)
    capfd.readouterr()

    with server() as (url, got):
        settings = settings_of(lake, MARSAD_WEBHOOK_URL=url, MARSAD_LOG_FORMAT="json")
        vanished = run_night(settings, [night(tmp_path, 7, spoil=without_tags)])
        tenth = run_night(settings, [night(tmp_path, 7, USUAL // 10)])
        assert rows_of(lake) == before
        triple = run_night(settings, [night(tmp_path, 7, USUAL * 3)])
        good = run_night(settings, [night(tmp_path, 8)])

    assert (vanished.status, vanished.causes) == ("blocked", ("fill_vanished",))
    said = f"{SOURCES[1]}: keywords on 0 % of 30 pages where 100 % are usual (6 nights)"
    assert said in str(vanished.error)
    assert (tenth.status, tenth.causes) == ("blocked", ("volume_low",))
    assert "9 pages on 2024-11-07 where 90 are usual (median of 6 nights)" in str(tenth.error)
    assert triple.status == "published"
    assert any(
        "volume_high: 270 pages on 2024-11-07 where 90 are usual" in line
        for line in triple.warnings
    )
    assert (good.status, good.warnings) == ("published", ())
    for summary in (vanished, tenth):
        assert one(lake, f"select error from ops.runs where run_id = '{summary.run_id}'") == (
            summary.error
        )

    texts = [body["attachments"][0]["text"] for _, body in got]
    assert len(texts) == 3
    assert said in texts[0] and "9 pages on 2024-11-07" in texts[1] and "270 pages" in texts[2]

    lines = capfd.readouterr().err.splitlines()
    events = [json.loads(line) for line in lines]
    assert {event["run_id"] for event in events} == {
        summary.run_id for summary in (vanished, tenth, triple, good)
    }
    of_run = [event for event in events if event["run_id"] == vanished.run_id]
    assert [(event["event"], event.get("stage")) for event in of_run] == [
        ("run_started", None),
        ("stage_started", "parse"),
        ("stage_ended", "parse"),
        ("stage_started", "audit"),
        ("stage_ended", "audit"),
        ("run_ended", None),
    ]
    assert of_run[2]["n_records"] == USUAL
    assert (of_run[-1]["status"], of_run[-1]["causes"]) == ("blocked", ["fill_vanished"])
    # Neither what pages say nor the secret address is in the log: names of rules are ASCII.
    logged = "\n".join(lines)
    assert SECRET not in logged
    assert "\\u" not in logged and logged.isascii()

"""Days that are parsed again: the lake goes back to before them, and nothing else is lost."""

import datetime as dt
import json
from pathlib import Path

import pytest
from lake_nights import one, rows_of
from whole_nights import run_night, settings_of

from marsad.errors import ConfigError
from marsad.night.backfilled import plan_days
from marsad.night.reparsed import roll_back_before

FIRST, SECOND = (dt.date(2024, 11, day) for day in (18, 19))
TEXT = "أعلنت الوزارة خطة جديدة للطرق في العاصمة"  # the ministry announced a new plan for roads


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """A dump a day, for two days; one article stands in both."""
    folder = tmp_path / "dumps"
    for number, day in enumerate((FIRST, SECOND)):
        (folder / str(day)).mkdir(parents=True)
        rows = [{"text": TEXT}, {"text": f"{TEXT} وقالت إن العدد {number}"}]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / str(day) / "a.jsonl").write_text(lines)
    return folder


def test_days_are_parsed_again_and_the_rest_stays(dumps: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    pattern = [f"{dumps}/{{date}}"]
    assert roll_back_before(settings, plan_days(pattern, SECOND, SECOND)) is None
    states = []
    for day in (FIRST, SECOND):
        assert run_night(settings, [dumps / str(day)], day, is_audited=False).is_good
        states.append(rows_of(settings.lake))
    with pytest.raises(ConfigError, match=r"2024-11-19/a\.jsonl .*give their days too"):
        roll_back_before(settings, plan_days(pattern, FIRST, FIRST))
    with pytest.raises(ConfigError, match="all that the lake holds"):
        roll_back_before(settings, plan_days(pattern, FIRST, SECOND))
    assert rows_of(settings.lake) == states[1]

    done = roll_back_before(settings, plan_days(pattern, SECOND, SECOND))
    assert done is not None
    assert rows_of(settings.lake) == states[0]
    said = one(settings.lake, "select reason from ops.runs where kind = 'rollback'")
    assert said == "to parse 2024-11-19 to 2024-11-19 again"
    again = run_night(settings, [dumps / str(SECOND)], SECOND, is_audited=False)
    assert again.status == "published"
    assert rows_of(settings.lake) == states[1]

"""`docs/expectations.md` says what the suites say."""

import json
import re
from pathlib import Path

from marsad.audit.docs import INTRODUCTION, PATH, render
from marsad.audit.run import audit
from marsad.audit.suites import load_suites
from marsad.settings import PROJECT_DIR

SHIPPED = PROJECT_DIR / "expectations"


def test_the_committed_page_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == render(load_suites([SHIPPED])), (
        "run `python -m marsad.audit.docs`"
    )


def test_every_rule_is_described_to_a_reader() -> None:
    for suite in load_suites([SHIPPED]):
        for rule in suite.rules:
            assert rule.description.endswith(".") and rule.description[0].isupper()
            assert len(rule.description.split()) >= 3
            assert "{" not in rule.description


def test_the_examples_of_the_page_work(night, tmp_path: Path) -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", INTRODUCTION, re.S)]
    for number, example in enumerate(examples):
        (tmp_path / f"{number}.json").write_text(json.dumps(example), encoding="utf-8")
    suites = {suite.name: suite for suite in load_suites([SHIPPED, tmp_path])}
    volume = {rule.name: rule for rule in suites["volume"].rules}
    assert volume["volume_low"].description.startswith("A night has at least 15 %")
    assert volume["publisher_missing"].severity == "critical"
    night.con.execute("update staged_pages set url = null")
    result = audit(night.con, run_id="r1", suites=[SHIPPED, tmp_path], docs_dir=None)
    assert [line.split(": ")[1] for line in result.warnings] == ["url_present"]

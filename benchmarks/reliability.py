"""Write what the heavy tests found into docs/reliability.md.

    python benchmarks/reliability.py JUNIT_XML PAGE

Prints nothing; fails where a test failed, so that the page never speaks of a run that did.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

MARK = "<!-- figures: written by `make reliability` -->\n"


def main(results: Path, page: Path) -> None:
    rows = []
    suite = next(iter(ET.parse(results).getroot()))
    for case in suite.iter("testcase"):
        outcome = "passed"
        for kind in ("failure", "error", "skipped"):
            outcome = kind if case.find(kind) is not None else outcome
        found = ", ".join(
            f"{each.get('name')} {each.get('value')}" for each in case.iter("property")
        )
        name = f"{case.get('classname')}::{case.get('name')}"
        rows.append((name, outcome, float(case.get("time") or 0), found))
    rows.sort()
    wrong = [name for name, outcome, _, _ in rows if outcome in ("failure", "error")]
    if wrong:
        raise SystemExit(f"not written: {', '.join(wrong)}")
    lines = [
        f"| `{name}` | {how} | {time:.1f} | {found} |" for name, how, time, found in sorted(rows)
    ]
    table = "\n".join(["| test | outcome | seconds | found |", "|---|---|---|---|", *lines])
    head = page.read_text("utf-8").split(MARK)[0]
    when = (suite.get("timestamp") or "")[:10]
    said = f"{len(rows)} tests on {when}, two at a time:"
    page.write_text(f"{head}{MARK}\n{said}\n\n{table}\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""`docs/expectations.md`, made from the suites: `python -m marsad.audit.docs`."""

from typing import Final

from marsad.audit.suites import SQL_RULE, Rule, Suite, load_suites
from marsad.settings import PROJECT_DIR

PATH: Final = PROJECT_DIR / "docs" / "expectations.md"

INTRODUCTION: Final = """\
# What a night has to pass

Made by `python -m marsad.audit.docs` from the suites in `expectations/`: change those, not this
file.

Every night is staged, then judged by these rules inside DuckDB, with Great Expectations, before
anything is published. What a failure does depends on the rule's severity and scope:

| severity | scope | a failure |
|---|---|---|
| critical | batch | blocks the night: nothing is published, the warehouse stays as it was |
| critical | row | throws out the pages it names: they go to `ops.rejects`, the rest is published |
| warning | any | is recorded and shown; the night is published |
| info | any | is recorded |

Results are in `ops.validations`, one row a rule and run, and in the Data Docs,
`data_docs/index.html` in the warehouse, which need no network. A rule that cannot be evaluated has
failed; a critical one then blocks.

## Rules of your own

Put suites into a folder and name it in `MARSAD_EXPECTATIONS`. A file with a new `name` is a new
suite. A file with the name of a shipped suite adds rules to it, or changes those whose
`meta.marsad.rule` it names; only what it says changes. This lets a night be half as large as the
shipped bound does, and makes missing publishers block:

```json
{
  "name": "volume",
  "expectations": [
    {"meta": {"marsad": {"rule": "volume_low", "bounds": {"min_percent": 15}}}},
    {"meta": {"marsad": {"rule": "publisher_missing"}}, "severity": "critical"}
  ]
}
```

And this is a suite of one's own, which warns of pages without an address:

```json
{
  "name": "house_rules",
  "meta": {"marsad": {"over": "staged_pages", "description": "What our desk asks for."}},
  "expectations": [
    {
      "type": "expect_column_values_to_not_be_null",
      "kwargs": {"column": "url", "mostly": 0.9},
      "severity": "warning",
      "description": "Nine pages of ten have an address.",
      "meta": {"marsad": {"rule": "url_present"}}
    }
  ]
}
```

The files are Great Expectations' own JSON, with these additions. A text may be a list of its lines.
Under `meta.marsad` of a suite:

- `over`: the relation that the rules are about: `staged_<table>`, `lake.news.<table>`, …
- `description`: what it is.
- `batch`: SQL of the narrow relation that the rules read (default: all of `over`). One of your own
  for a shipped suite must have the columns that the suite's rules ask of it.
- `after_rows`: true for a suite that runs once the pages that row rules throw out are known; they
  are in `audit_rejected` (`page_id`, `rule`, `detail`).
- `bounds`: numbers by name, for all its rules.
- `skipped_in`: kinds of runs (`ops.runs.kind`) in which its rules are not judged, as `["replay"]`:
  what compares nights has nothing to say of a few records that are read again.

Under `meta.marsad` of an expectation:

- `rule`: its name, unique in the suite.
- `scope`: `row` or `batch` (default). A row rule is an `unexpected_rows_expectation` whose query
  gives the `page_id` of each bad page. A suite with critical row rules is judged before those
  without, because a night is written, for nobody to see yet, once it is known which pages stay.
- `bounds`: numbers that stand in the SQL and in the description as `{name}`.
- `over`: the relation that it is about, where that is another than the suite's.
- `observed`: SQL that gives, in one text, what was found; run whether the rule holds or not.
- `skipped_in`: as of the suite, for this rule.
- `needs`: a macro without which the rule is skipped, and says so.

A query finds what should not be there, from `{batch}`; its column `detail`, if it has one, is what
people read. Braces for DuckDB itself are doubled, as in `[0-9]{{4}}`.
"""


def render(suites: tuple[Suite, ...]) -> str:
    """Return the page: the introduction, an index, and each suite with its rules."""
    index = "\n".join(
        f"| [`{suite.name}`](#{suite.name}) | `{suite.over}` | {len(suite.rules)} |"
        for suite in suites
    )
    head = "## The shipped suites\n\n| suite | over | rules |\n|---|---|---|\n"
    return "\n".join([INTRODUCTION, head + index + "\n", *(_suite(suite) for suite in suites)])


def _suite(suite: Suite) -> str:
    rules = "\n".join(_rule(suite, rule) for rule in suite.rules)
    batch = ""
    if suite.batch != f"select * from {suite.over}":
        batch = (
            "\n<details><summary>The relation that the rules read</summary>\n\n"
            f"```sql\n{suite.batch}\n```\n\n</details>\n"
        )
    table = "| rule | severity | scope | what holds | bounds |\n|---|---|---|---|---|\n"
    queries = "\n".join(
        f"-- {rule.name}\n{rule.query}\n" for rule in suite.rules if rule.query is not None
    )
    sql = (
        f"\n<details><summary>The queries of its rules</summary>\n\n```sql\n{queries}```\n\n"
        "</details>\n"
        if queries
        else ""
    )
    return f"### {suite.name}\n\n{suite.description}\n\n{table}{rules}\n{batch}{sql}"


def _rule(suite: Suite, rule: Rule) -> str:
    about = "" if rule.over == suite.over else f" (`{rule.over}`)"
    named = {**rule.bounds} if rule.type == SQL_RULE else _numbers(rule)
    bounds = ", ".join(f"{name} {value}" for name, value in named.items())
    description = rule.description.replace("|", "\\|")
    if rule.skipped_in:
        about += f" (not in a {', '.join(rule.skipped_in)})"
    return f"| `{rule.name}` | {rule.severity} | {rule.scope} | {description}{about} | {bounds} |"


def _numbers(rule: Rule) -> dict[str, int | float]:
    """The numbers among the arguments of an expectation that is no SQL."""
    return {
        name: value
        for name, value in rule.kwargs.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def main() -> None:
    """Write the page."""
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(render(load_suites([PROJECT_DIR / "expectations"])), encoding="utf-8")


if __name__ == "__main__":
    main()

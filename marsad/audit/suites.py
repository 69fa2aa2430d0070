"""Suites as they stand on disk: Great Expectations' JSON, read, merged and checked.

A suite is Great Expectations' own JSON. What that format has no place for stands under
`meta.marsad`, of the suite and of each expectation; `docs/expectations.md` explains the keys.
Reading needs no Great Expectations, so it is cheap and can fail before anything else is done.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from marsad.errors import ConfigError

Severity: TypeAlias = Literal["critical", "warning", "info"]
Scope: TypeAlias = Literal["row", "batch"]
Bounds: TypeAlias = Mapping[str, int | float]

SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "warning", "info")
SCOPES: Final[tuple[Scope, ...]] = ("row", "batch")
SQL_RULE: Final = "unexpected_rows_expectation"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: `{max_percent}`, but neither `{{3}}` (a brace for Great Expectations to keep) nor `{3}`.
_PLACEHOLDER = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")
#: Filled by Great Expectations or by the run, not by a bound.
_RESERVED = frozenset({"batch", "fold_ar"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation, with its bounds filled in.

    Attributes:
        name: unique in its suite; what `ops.validations`, `ops.rejects` and an override call it.
        type: Great Expectations' name of the expectation.
        kwargs: its arguments.
        severity: what a failure means.
        scope: `row`: the query gives the page_id of each bad page; `batch`: the night as a whole.
        description: what holds when it succeeds, for a reader who knows no SQL.
        over: the relation that it is about.
        observed: SQL that says in one text what was found, run whether it succeeds or not.
        needs: a macro without which the rule is skipped.
        skipped_in: kinds of runs, as in `ops.runs.kind`, in which it is not judged.
        bounds: the numbers that stand in its SQL and its description, by name.
    """

    name: str
    type: str
    kwargs: Mapping[str, object]
    severity: Severity
    scope: Scope
    description: str
    over: str
    observed: str | None
    needs: str | None
    skipped_in: tuple[str, ...]
    bounds: Bounds

    @property
    def query(self) -> str | None:
        """The SQL that finds what should not be there; null for the other expectations."""
        query = self.kwargs.get("unexpected_rows_query")
        return query if self.type == SQL_RULE and isinstance(query, str) else None

    @property
    def may_reject(self) -> bool:
        """Whether the pages that it finds are thrown out, and the rest of the night is not."""
        return self.severity == "critical" and self.scope == "row"


@dataclass(frozen=True, slots=True)
class Suite:
    """The rules over one relation.

    Attributes:
        name: as in `ops.validations.suite`.
        description: what it is about.
        batch: SQL of the narrow relation that the rules read.
        over: the relation that the batch is made from.
        after_rows: whether it runs once the pages that row rules throw out are known; they stand
            in the relation `audit_rejected` (page_id, rule, detail).
    """

    name: str
    description: str
    batch: str
    over: str
    after_rows: bool
    rules: tuple[Rule, ...]

    @property
    def may_reject(self) -> bool:
        """Whether any of its rules may throw pages out."""
        return any(rule.may_reject for rule in self.rules)


def load_suites(folders: Sequence[Path]) -> tuple[Suite, ...]:
    """Read `*.json` of each folder; a later folder adds suites and rules, and overrides by name.

    An expectation whose `meta.marsad.rule` an earlier folder has in the suite of the same name
    replaces what it says (severity, description, single kwargs, single bounds); the rest stays.

    Raises:
        ConfigError: a file is no suite; the text names the file and the rule.
    """
    merged: dict[str, dict[str, object]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            new = _read(path)
            name = _text(new, "name", str(path))
            merged[name] = _merge(merged[name], new) if name in merged else new
    suites = [_suite(raw) for raw in merged.values()]
    return tuple(sorted(suites, key=lambda suite: (suite.after_rows, suite.name)))


def _read(path: Path) -> dict[str, object]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no expectation suite: {error}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("expectations"), list):
        raise ConfigError(f"{path} is no expectation suite: it needs a name and expectations")
    for number, expectation in enumerate(raw["expectations"], start=1):
        if not isinstance(expectation, dict):
            raise ConfigError(f"{path}: expectation {number} is no object")
        rule = _marsad(expectation).get("rule")
        if not isinstance(rule, str) or not _NAME.fullmatch(rule):
            raise ConfigError(f"{path}: expectation {number} needs a name in meta.marsad.rule")
    return raw


def _merge(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    """Return `old` with what `new` says: objects key by key, expectations by rule, else `new`."""
    result = dict(old)
    for key, value in new.items():
        before = result.get(key)
        if key == "expectations" and isinstance(value, list) and isinstance(before, list):
            rules = {str(_marsad(each)["rule"]): each for each in before}
            for each in value:
                rule = str(_marsad(each)["rule"])
                rules[rule] = _merge(rules[rule], each) if rule in rules else each
            result[key] = list(rules.values())
        elif isinstance(value, dict) and isinstance(before, dict):
            result[key] = _merge(before, value)
        else:
            result[key] = value
    return result


def _suite(raw: dict[str, object]) -> Suite:
    name = _text(raw, "name", "suite")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"suite {name!r}: a name is lowercase letters, digits and underscores")
    about = _marsad(raw)
    bounds = _bounds(about, name)
    over = _text(about, "over", f"suite {name}: meta.marsad")
    batch = about.get("batch", f"select * from {over}")
    expectations = raw["expectations"]
    assert isinstance(expectations, list)  # `_read` has seen to it
    return Suite(
        name=name,
        description=_sql(about, "description", name),
        batch=_fill(_joined(batch, f"suite {name}: batch"), bounds, name),
        over=over,
        after_rows=about.get("after_rows") is True,
        rules=tuple(_rule(each, name, over, bounds, about) for each in expectations),
    )


def _rule(
    raw: dict[str, object],
    suite: str,
    over: str,
    suite_bounds: Bounds,
    about_suite: Mapping[str, object],
) -> Rule:
    about = _marsad(raw)
    name = str(about["rule"])
    where = f"suite {suite}, rule {name}"
    bounds = {**suite_bounds, **_bounds(about, where)}
    kwargs = raw.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise ConfigError(f"{where}: kwargs is no object")
    kind = _text(raw, "type", where)
    if kind == SQL_RULE:
        query = _joined(kwargs.get("unexpected_rows_query"), f"{where}: unexpected_rows_query")
        query = _fill(query, bounds, where)
        if "{batch}" not in query:  # Great Expectations prints a warning to stdout otherwise
            query += "\n/* {batch} */"
        kwargs = {**kwargs, "unexpected_rows_query": query}
    severity = raw.get("severity", "critical")
    scope = about.get("scope", "batch")
    if severity not in SEVERITIES:
        raise ConfigError(f"{where}: severity is {severity!r}, not one of {', '.join(SEVERITIES)}")
    if scope not in SCOPES:
        raise ConfigError(f"{where}: scope is {scope!r}, not one of {', '.join(SCOPES)}")
    if scope == "row" and kind != SQL_RULE:
        raise ConfigError(f"{where}: a row rule is an {SQL_RULE} whose query gives page_id")
    return Rule(
        name=name,
        type=kind,
        kwargs=kwargs,
        severity=next(each for each in SEVERITIES if each == severity),
        scope=next(each for each in SCOPES if each == scope),
        description=_fill(_sql(raw, "description", where), bounds, where),
        over=str(about.get("over", over)),
        observed=_fill(_sql(about, "observed", where), bounds, where)
        if "observed" in about
        else None,
        needs=str(about["needs"]) if "needs" in about else None,
        skipped_in=_kinds(about.get("skipped_in", about_suite.get("skipped_in", [])), where),
        bounds=bounds,
    )


def _marsad(raw: Mapping[str, object]) -> dict[str, object]:
    """What stands under `meta.marsad`, if anything does."""
    meta = raw.get("meta")
    about = meta.get("marsad") if isinstance(meta, dict) else None
    return about if isinstance(about, dict) else {}


def _text(raw: Mapping[str, object], key: str, where: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{where}: {key} is missing")
    return value


def _sql(raw: Mapping[str, object], key: str, where: str) -> str:
    return _joined(raw.get(key), f"{where}: {key}")


def _joined(value: object, where: str) -> str:
    """A text, or a list of its lines: JSON has no other way to show SQL as lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} is missing")
    return value.strip()


def _kinds(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
        raise ConfigError(f"{where}: skipped_in is {value!r}: give a list of kinds of runs")
    return tuple(value)


def _bounds(about: Mapping[str, object], where: str) -> Bounds:
    bounds = about.get("bounds", {})
    if not isinstance(bounds, dict):
        raise ConfigError(f"{where}: bounds is no object")
    for name, value in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{where}: bound {name} is {value!r}: give a number")
    return bounds


def _fill(text: str, bounds: Bounds, where: str) -> str:
    """Put the bounds where their names stand in braces."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in _RESERVED:
            return match[0]
        if name not in bounds:
            raise ConfigError(f"{where}: {{{name}}} has no value in meta.marsad.bounds")
        return str(bounds[name])

    return _PLACEHOLDER.sub(value, text)

"""The table of an evaluation as Markdown."""

from collections.abc import Iterator

from marsad.evaluate.run import EvalOptions, EvalReport, Row

_HEAD = ("corpus", "field", "true", "found", "right", "precision", "recall", "F1", "goal", "")
_LEFT = 2  # columns of words; the others are numbers, to the right

_INTRO = """\
An item is one value at one place: a page's title, the third of its related links, the second
occurrence of a keyword in a line. It is right when exactly this value was found at this place.
Sections are measured by what they hold: a line in the wrong one is missing here and too much there.
`body` is the article that a body is (its folded text); `body_as_printed` is letter by letter, where
this page's printing of the article was kept. `link_target_…` are links that lead to the article
that they mean, in a published lake. The rows `false_…` count what was taken for a label in articles
that have none: nothing is there, and nothing should be found.

The golden pages are those of `tests/pages`; the pages of `synth` are invented, with every variant
of the template mixed, and go through a whole night into a lake of their own."""


def command(options: EvalOptions) -> str:
    """Return the command that measures the same again."""
    only = "".join(f" --only {name}" for name in options.only)
    return f"marsad eval --pages {options.pages} --seed {options.seed}{only}"


def render_markdown(report: EvalReport) -> str:
    """Return the report as a page: the command, the machine, the table, the goals not met."""
    seconds = ", ".join(f"{name} {took:g} s" for name, took in report.seconds.items())
    lines = [
        "# Quality",
        "",
        f"Made by `{command(report.options)}` with parser {report.parser_version}"
        f" on {report.cores} cores ({seconds}).",
        *([f"Not here, and left out: {', '.join(report.absent)}."] if report.absent else []),
        "",
        _INTRO,
        "",
        *_table(report),
        "",
        _verdict(report),
    ]
    return "\n".join(lines) + "\n"


def _table(report: EvalReport) -> Iterator[str]:
    yield _line(_HEAD)
    yield _line(["---"] * _LEFT + ["---:"] * (len(_HEAD) - _LEFT))
    for row in report.rows:
        yield _line(_cells(row))


def _cells(row: Row) -> tuple[str, ...]:
    score = row.score
    verdict = "" if row.goal is None else "**missed**" if row.is_missed else "met"
    return (
        score.corpus,
        score.field,
        *(f"{count:,}" for count in (score.n_true, score.n_found, score.n_right)),
        *(_share(share) for share in (score.precision, score.recall, score.f1)),
        "" if row.goal is None else str(row.goal),
        verdict,
    )


def _share(share: float | None) -> str:
    """Write a share so that only what is whole reads 1."""
    if share is None:
        return ""
    return "1" if share == 1 else f"{min(share, 0.9999):.4f}"


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _verdict(report: EvalReport) -> str:
    with_goal = sum(row.goal is not None for row in report.rows)
    if not report.missed:
        return f"All {with_goal} goals are met."
    names = ", ".join(f"{row.score.corpus}: {row.score.field}" for row in report.missed)
    return f"{len(report.missed)} of {with_goal} goals are missed: {names}."

"""Measure every field against what is true, on every corpus that is there."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from marsad.errors import ConfigError
from marsad.evaluate import golden, keywords, languages, saudinews, synthetic
from marsad.evaluate.corpus import Corpus, make_corpus
from marsad.evaluate.goals import Goal, goal_of
from marsad.evaluate.score import Score
from marsad.reference import load_rules
from marsad.settings import PROJECT_DIR, Settings, load_settings

#: What can be measured, in the order of the table.
CORPORA: Final = ("golden", "synth", "saudinewsnet", "keywords", "language")


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What to measure on.

    Attributes:
        pages: how many invented pages.
        seed: decides them.
        shared: folder with `corpora/saudinewsnet` and `corpora/akec_train`; None, or one of them
            not there: what needs it is left out.
        only: names of `CORPORA`; empty: all.
        workers: processes; None: the cores.
    """

    pages: int
    seed: int
    shared: Path | None = None
    only: tuple[str, ...] = ()
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A score, and what it should be.

    Attributes:
        goal: None where none is set.
    """

    score: Score
    goal: Goal | None

    @property
    def is_missed(self) -> bool:
        """Whether a goal is set and not met."""
        return self.goal is not None and not self.goal.is_met(self.score)


@dataclass(frozen=True, slots=True)
class EvalReport:
    """What was measured.

    Attributes:
        rows: by corpus and field.
        seconds: by the name of the corpus in `CORPORA`.
        absent: real corpora that were asked for and are not there.
        cores: that this process may use.
        parser_version: that was measured.
    """

    options: EvalOptions
    rows: tuple[Row, ...]
    seconds: dict[str, float]
    absent: tuple[str, ...]
    cores: int
    parser_version: str

    @property
    def missed(self) -> tuple[Row, ...]:
        """The rows whose goals are not met."""
        return tuple(row for row in self.rows if row.is_missed)


def evaluate(
    options: EvalOptions, progress: Callable[[str, float], None] | None = None
) -> EvalReport:
    """Measure; everything that is written goes to a temporary folder.

    Args:
        options: what to measure on.
        progress: is told the name of each corpus that is done, and the seconds it took.

    Raises:
        ConfigError: an option is not usable.
    """
    unknown = sorted(set(options.only) - set(CORPORA))
    if unknown:
        raise ConfigError(f"no corpus {', '.join(unknown)}: give some of {', '.join(CORPORA)}")
    seconds: dict[str, float] = {}
    scores: list[Score] = []
    with tempfile.TemporaryDirectory(prefix="marsad-eval-") as folder:
        settings = load_settings(lake=Path(folder) / "lake", workers=options.workers)
        rules = load_rules(settings)
        bench = _Bench(Path(folder), options, settings)
        for name in CORPORA:
            if options.only and name not in options.only:
                continue
            began = time.perf_counter()
            measured = bench.measure(name)
            if measured is None:
                continue
            scores += measured
            seconds[name] = round(time.perf_counter() - began, 1)
            if progress is not None:
                progress(name, seconds[name])
    return EvalReport(
        options=options,
        rows=tuple(Row(score, goal_of(score)) for score in scores),
        seconds=seconds,
        absent=tuple(bench.absent),
        cores=load_settings().workers,
        parser_version=rules.parser_version,
    )


class _Bench:
    """The corpora of one evaluation; the invented one is made when it is first asked for."""

    def __init__(self, folder: Path, options: EvalOptions, settings: Settings) -> None:
        self._folder, self._options, self._settings = folder, options, settings
        self._corpus: Corpus | None = None
        self.absent: list[str] = []

    def measure(self, name: str) -> list[Score] | None:
        """Measure on one of `CORPORA`; None where it is not there."""
        lake = replace(self._settings, lake=self._folder / f"lake-{name}")
        if name == "golden":
            return golden.measure(PROJECT_DIR / "tests" / "pages", load_rules(lake))
        if name == "synth":
            return synthetic.measure(self._invented(), lake)
        if name == "saudinewsnet":
            days = self._shared("saudinewsnet")
            return None if days is None else saudinews.measure(days, lake)
        if name == "keywords":
            akec = self._shared("akec_train")
            return keywords.measure(self._invented(), akec, lake, self._options.seed)
        return languages.measure(PROJECT_DIR / "tests" / "languages.csv")

    def _invented(self) -> Corpus:
        if self._corpus is None:
            self._corpus = make_corpus(
                self._folder / "synth",
                pages=self._options.pages,
                seed=self._options.seed,
                processes=self._settings.workers,
            )
        return self._corpus

    def _shared(self, name: str) -> Path | None:
        shared = self._options.shared
        if shared is not None and (shared / "corpora" / name).is_dir():
            return shared / "corpora" / name
        self.absent.append(name)
        return None

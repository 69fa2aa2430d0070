"""What each field should reach."""

from dataclasses import dataclass
from typing import Final

from marsad.evaluate import golden, keywords, saudinews, synthetic
from marsad.evaluate.score import Score
from marsad.evaluate.truth import KEYWORDS, TARGETS


@dataclass(frozen=True, slots=True)
class Goal:
    """The least that is good enough.

    Attributes:
        least: of the measure, 0 to 1.
        measure: `F1` or `precision`.
    """

    least: float
    measure: str = "F1"

    def __str__(self) -> str:
        return f"{self.measure} {self.least:g}"

    def is_met(self, score: Score) -> bool:
        """Whether a score is good enough."""
        value = score.f1 if self.measure == "F1" else score.precision
        return value is not None and value >= self.least


EXACT: Final = Goal(1.0)
#: On invented pages a page in two hundred may be read wrongly.
NEARLY: Final = Goal(0.995)

_OF_CORPUS: Final = {golden.CORPUS: EXACT, synthetic.CORPUS: NEARLY, saudinews.CORPUS: EXACT}
#: Where a field's goal is not its corpus's; None: it is shown, and nothing is asked of it.
_OF_FIELD: Final[dict[tuple[str, str], Goal | None]] = {
    (synthetic.CORPUS, KEYWORDS[1]): Goal(0.95),
    # A title that was changed may become that of another article.
    (synthetic.CORPUS, tuple(TARGETS)[1]): None,
    # A text of numbers alone is in no language.
    (saudinews.CORPUS, "language"): NEARLY,
    (keywords.CORPUS, keywords.SEED_ALONE): Goal(0.8),
    (keywords.CORPUS, keywords.SEED_AFTER): EXACT,
    (keywords.CORPUS, keywords.AKEC_OWN): Goal(0.97),
    (keywords.CORPUS, keywords.AKEC_SURE): Goal(0.95, "precision"),
    (keywords.CORPUS, keywords.AKEC_OTHERS): Goal(0.75),
    (keywords.CORPUS, keywords.SYNTH_OWN): Goal(0.95),
}


def goal_of(score: Score) -> Goal | None:
    """Return the goal of a field, or None where none is set."""
    place = (score.corpus, score.field)
    if place in _OF_FIELD:
        return _OF_FIELD[place]
    return _OF_CORPUS.get(score.corpus)

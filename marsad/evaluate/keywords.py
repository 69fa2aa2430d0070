"""Keywords of lines without delimiters: how many are cut as they were meant."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from marsad.evaluate.corpus import Corpus
from marsad.evaluate.lines import (
    KnownLines,
    akec_phrases,
    known_lines,
    other_lines,
    seed_line,
    synth_lines,
)
from marsad.evaluate.score import Score, Tally, of_bag
from marsad.night.context import new_context
from marsad.night.learning import known_names
from marsad.parse.keywords import fit, segment_lines
from marsad.settings import PROJECT_DIR, Settings

CORPUS: Final = "keywords"
SEED_ALONE: Final = "seed line alone"
SEED_AFTER: Final = "seed line after 300 others"
AKEC_OWN: Final = "AKEC, own text"
AKEC_SURE: Final = "AKEC, own text, confidence from 0.9"
AKEC_OTHERS: Final = "AKEC, other documents' text"
AKEC_NONE: Final = "AKEC, no text"
SYNTH_OWN: Final = "synth lines, own text"
SYNTH_NONE: Final = "synth lines, no text"
FIELDS: Final = (
    SEED_ALONE,
    SEED_AFTER,
    AKEC_OWN,
    AKEC_SURE,
    AKEC_OTHERS,
    AKEC_NONE,
    SYNTH_OWN,
    SYNTH_NONE,
)
N_OTHERS: Final = 300
N_SYNTH: Final = 10_000
SURE: Final = 0.9

_TAGS: Final = PROJECT_DIR / "tests" / "keywords" / "seed.txt"
_PAGE: Final = PROJECT_DIR / "tests" / "pages" / "seed.json"


def measure(corpus: Corpus, akec: Path | None, settings: Settings, seed: int) -> list[Score]:
    """Cut lines whose keywords are known.

    Args:
        corpus: the invented one.
        akec: folder of AKEC, where it is there.
        settings: name the reference data.
        seed: of the lines that the seed line comes after.
    """
    names = known_names(new_context(settings, "evaluate"))
    seed_alone = seed_line(_TAGS, _PAGE)
    others = other_lines(_TAGS, n=N_OTHERS, seed=seed)
    scores = measure_lines(SEED_ALONE, seed_alone, names)
    scores += measure_lines(SEED_AFTER, seed_alone, names, before=others)
    if akec is not None:
        texts, phrases = akec_phrases(akec)
        own = known_lines(phrases, texts=texts)
        scores += measure_lines(AKEC_OWN, own, names)
        scores += measure_lines(AKEC_SURE, own, names, sure=SURE)
        every_other = ["\n".join(texts[:n] + texts[n + 1 :]) for n in range(len(texts))]
        scores += measure_lines(AKEC_OTHERS, known_lines(phrases, texts=every_other), names)
        scores += measure_lines(AKEC_NONE, known_lines(phrases), names)
    for field, with_text in ((SYNTH_OWN, True), (SYNTH_NONE, False)):
        lines = synth_lines(corpus, n=N_SYNTH, with_text=with_text)
        scores += measure_lines(field, lines, names)
    return scores


def measure_lines(
    field: str,
    known: KnownLines,
    names: Sequence[str],
    *,
    before: KnownLines | None = None,
    sure: float = 0.0,
) -> list[Score]:
    """Fit the model that a night would, and cut the lines with it.

    Args:
        field: what the row is called.
        known: the lines.
        names: folded names that are known to be keywords.
        before: lines that the night holds beside them.
        sure: confidence below which a keyword is left out.
    """
    lines = known.lines if before is None else pl.concat([before.lines, known.lines])
    found = segment_lines(known.lines, fit(lines, None, names))
    found = found.filter(pl.col("confidence") >= sure)
    tally = Tally(CORPUS, [field])
    tally.add(known.items(field), of_bag(occurrences(found), field))
    return tally.scores()


def occurrences(keywords: pl.DataFrame) -> pl.DataFrame:
    """Return key (page_id) and value (a folded keyword), a row an occurrence.

    Args:
        keywords: page_id, keyword_key, n_occurrences.
    """
    repeated = pl.col("keyword_key").repeat_by("n_occurrences")
    return keywords.select(key="page_id", value=repeated).explode("value")

"""Write keyword_weights.csv: fit the weights of forms and text on documents with known keywords.

Run by hand: `python data/reference/make_keyword_weights.py FOLDER > keyword_weights.csv`. FOLDER
holds AKEC (`keyphrases.tsv`, `documents/*.txt`): joined by spaces, the ten phrases of a document
are a line whose boundaries are known. AKEC's phrases all stand in the text, which tags of the press
often do not; so the same lines are learned from three times: as they are, with half of the phrases
taken out of the text, and without the text. Nor do AKEC's lines hold a phrase twice, as those of
an aggregator do that prints several lists one after the other; so each is learned from a second
time, with some of its phrases again.

With `--validate` it prints instead what weights that were fitted on four fifths of the documents do
on the last fifth, for each of the three.
"""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from marsad.parse.arabic import fold, fold_series
from marsad.parse.keywords import keyword_lines
from marsad.parse.keywords.encoded import Encoded, Numbered, encode
from marsad.parse.keywords.evidence import MAX_WORDS
from marsad.parse.keywords.scores import FEATURES, JOINTS, features, weighted
from marsad.parse.keywords.stretches import Stretches

PENALTY = 1.0  # on half the sum of the squared weights
PARTS = 5

Weights = dict[str, np.ndarray]  # logs of the factors of each feature
Found = dict[str, np.ndarray]  # which factor of each applies
Sizes = list[list[int]]


def read(folder: Path, *, again: bool) -> tuple[pl.DataFrame, Sizes]:
    """Return keyword lines, and of each the number of words of its phrases.

    Args:
        folder: AKEC.
        again: print up to five of the phrases again, here and there.
    """
    names, raw, bodies, sizes = [], [], [], []
    numbers = np.random.default_rng(3)
    for row in (folder / "keyphrases.tsv").read_text(encoding="utf-8").splitlines():
        name, listed = row.split("\t")
        phrases = listed.split("|")
        if again:
            for phrase in numbers.choice(phrases, numbers.integers(1, 6)):
                phrases.insert(int(numbers.integers(len(phrases) + 1)), str(phrase))
        names.append(name)
        raw.append(" ".join(phrases))
        bodies.append((folder / "documents" / f"{name}.txt").read_text(encoding="utf-8"))
        sizes.append([len(fold(phrase).split()) for phrase in phrases])
    lines = pl.DataFrame(
        {
            "page_id": names,
            "article_id": names,
            "observed_at": [datetime(2016, 1, 1, tzinfo=UTC)] * len(names),
            "keywords_raw": raw,
            "title": pl.Series([None] * len(names), dtype=pl.String),
            "folded_body": fold_series(pl.Series(bodies)),
        }
    )
    return keyword_lines(lines), sizes


def with_less_text(lines: pl.DataFrame, sizes: Sizes, share: float, seed: int) -> pl.DataFrame:
    """Take this share of the phrases out of the texts, and three tenths of their words."""
    numbers = np.random.default_rng(seed)
    rows = lines.to_dicts()
    for row, size in zip(rows, sizes, strict=True):
        ends = np.cumsum(size)
        out = [e for e in zip(ends - size, ends, strict=True) if numbers.random() < share]
        kept = [
            i
            for i, (start, length) in enumerate(
                zip(row["span_start"], row["span_length"], strict=True)
            )
            if not any(start < end and start + length > begin for begin, end in out)
            or (length == 1 and numbers.random() < 0.7)
        ]
        for name in ("span_start", "span_length", "span_count"):
            row[name] = [row[name][i] for i in kept]
    return pl.DataFrame(rows, schema=lines.schema)


def without_text(lines: pl.DataFrame) -> pl.DataFrame:
    """Take all phrases out of the texts."""
    return lines.with_columns(pl.col("^span_.*$").list.head(0))


def truth(encoded: Encoded, sizes: Sizes) -> np.ndarray:
    """Mark the true phrases, words by lengths."""
    flat = np.array([n for line in sizes for n in line])
    marks = np.zeros((len(encoded.line), MAX_WORDS), dtype=bool)
    short = flat <= MAX_WORDS
    marks[(flat.cumsum() - flat)[short], flat[short] - 1] = True
    return marks


def phrase_weights(encoded: Encoded, found: Found, weights: Weights) -> np.ndarray:
    """Weigh every phrase as the model does that has seen nothing, words by lengths."""
    factors = {name: np.exp(logs) for name, logs in weights.items()}
    return weighted(len(encoded.line), found, FEATURES, factors)


def gradient(found: Found, excess: np.ndarray) -> np.ndarray:
    """Sum over the phrases by how much each is more probable than true, for each weight."""
    joints = np.zeros(len(excess))
    for length in range(1, MAX_WORDS):
        for place in range(1, length + 1):
            joints[place:] += excess[:-place, length]
    return np.concatenate(
        [
            np.bincount(
                (
                    found[name] if name in JOINTS else np.broadcast_to(found[name], excess.shape)
                ).ravel(),
                weights=joints if name in JOINTS else excess.ravel(),
                minlength=size,
            )
            for name, size in FEATURES.items()
        ]
    )


def fitted(samples: list[tuple[pl.DataFrame, Sizes, float]]) -> Weights:
    """Maximise the likelihood of the true cuts; a sample has lines, sizes and its own weight."""
    edges = np.cumsum([0, *FEATURES.values()])
    made = []
    for lines, sizes, share in samples:
        encoded = encode(Numbered.of(lines))
        made.append((encoded, features(encoded), truth(encoded, sizes), share))

    def unpacked(x: np.ndarray) -> Weights:
        return {name: x[edges[i] : edges[i + 1]] for i, name in enumerate(FEATURES)}

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = PENALTY / 2 * float(x @ x), PENALTY * x
        for encoded, found, true, share in made:
            phrases = phrase_weights(encoded, found, unpacked(x))
            stretches = Stretches.of(encoded, phrases)
            total += share * (stretches.log_sums() - float(np.log(phrases[true]).sum()))
            excess = -true.astype(np.float64)
            excess.reshape(-1)[encoded.cells] += stretches.probabilities()
            slope = slope + share * gradient(found, excess)
        return total, slope

    best = minimize(loss, np.zeros(edges[-1]), jac=True, method="L-BFGS-B")
    return unpacked(best.x)


def samples_of(lines: pl.DataFrame, sizes: Sizes) -> list[tuple[pl.DataFrame, Sizes, float]]:
    """Return the lines with their text, with half of it, and with none."""
    half = with_less_text(lines, sizes, 0.5, 1)
    return [(lines, sizes, 0.5), (half, sizes, 0.25), (without_text(lines), sizes, 0.25)]


def validate(lines: pl.DataFrame, sizes: Sizes, more: pl.DataFrame, more_sizes: Sizes) -> None:
    """Print F1, and how many of the keywords of confidence 0.9 or more are right."""
    sums: dict[str, np.ndarray] = {}
    for part in range(PARTS):
        inside = [i for i in range(len(sizes)) if i % PARTS != part]
        rest = [i for i in range(len(sizes)) if i % PARTS == part]
        weights = fitted(
            samples_of(lines[inside], [sizes[i] for i in inside])
            + samples_of(more[inside], [more_sizes[i] for i in inside])
        )
        size = [sizes[i] for i in rest]
        for name, held_out in {
            "own text": lines[rest],
            "half of it": with_less_text(lines[rest], size, 0.5, part + 100),
            "no text": without_text(lines[rest]),
        }.items():
            encoded = encode(Numbered.of(held_out))
            stretches = Stretches.of(encoded, phrase_weights(encoded, features(encoded), weights))
            chosen = stretches.best(encoded)
            true, sure = truth(encoded, size), stretches.probabilities()[chosen] >= 0.9
            right = true.reshape(-1)[encoded.cells[chosen]]
            sums[name] = sums.get(name, np.zeros(5)) + np.array(
                [true.sum(), len(chosen), right.sum(), sure.sum(), right[sure].sum()]
            )
    for name, (n_true, n_found, n_right, n_sure, n_sure_right) in sums.items():
        f1 = 2 * n_right / (n_true + n_found)
        sys.stdout.write(
            f"{name}: F1 {f1:.4f}; confidence 0.9 or more: {n_sure / n_found:.2f} of all,"
            f" {n_sure_right / n_sure:.4f} of them right\n"
        )


def main() -> None:
    """Write the table, or validate."""
    once, again = (read(Path(sys.argv[1]), again=again) for again in (False, True))
    if "--validate" in sys.argv:
        validate(*once, *again)
        return
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("feature", "number", "weight"))
    for name, weights in fitted(samples_of(*once) + samples_of(*again)).items():
        table.writerows((name, i, f"{w:.4f}") for i, w in enumerate(weights) if abs(w) >= 5e-5)


if __name__ == "__main__":
    main()

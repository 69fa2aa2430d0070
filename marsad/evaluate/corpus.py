"""The invented corpus: dumps with every variant mixed, and what is true of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from marsad.synth.generate import SynthOptions, generate


@dataclass(frozen=True, slots=True)
class Corpus:
    """Invented dumps, and what is true of them in blocks of pages.

    Attributes:
        dumps: folder of the dumps.
        truth: folder of blocks with the schema `marsad.synth.truth.TRUTH`.
    """

    dumps: Path
    truth: Path

    def blocks(self) -> Iterator[pl.DataFrame]:
        """Yield what is true, block by block: a large corpus does not fit in memory."""
        for path in sorted(self.truth.glob("*.parquet")):
            yield pl.read_parquet(path)


def make_corpus(folder: Path, *, pages: int, seed: int, processes: int) -> Corpus:
    """Invent pages in which every variant is mixed."""
    generate(SynthOptions(pages=pages, seed=seed, out=folder, processes=processes))
    return Corpus(folder / "dumps", folder / "truth")

"""A phrase model, and lines with their words numbered, as bytes for the workers of a run.

Arrays and nothing else: unlike a pickle, bytes that somebody else put there run no code.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marsad.parse.keywords.encoded import Numbered
from marsad.parse.keywords.model import Model, Stage
from marsad.parse.keywords.table import Table
from marsad.parse.slices import packed, slices


def dump_model(model: Model) -> bytes:
    """Return the bytes that `load_model` reads."""
    file = io.BytesIO()
    stages = np.array([(stage.n_unseen, stage.n_phrases) for stage in model.stages])
    sizes = np.array([model.n_words, model.n_distinct_words])
    _write(file, stages, sizes, *_arrays(model.phrases), *_arrays(model.words))
    return file.getvalue()


def load_model(data: bytes) -> Model:
    """Return the model that `dump_model` wrote.

    Raises:
        ValueError: it did not write these bytes.
    """
    file = io.BytesIO(data)
    stages, (n_words, n_distinct_words) = _read(file), _read(file).tolist()
    return Model(
        tuple(Stage(*values) for values in stages.tolist()),
        _table(file),
        _table(file),
        n_words,
        int(n_distinct_words),
    )


def dump_lines(parts: Iterable[Numbered]) -> bytes:
    """Return the bytes that `load_lines` reads."""
    file = io.BytesIO()
    for lines in parts:
        data, ends = packed(lines.keys)
        words = (lines.key, lines.hashes, lines.kind)
        spans = (lines.n_spans, lines.start, lines.length, lines.count)
        _write(file, lines.sizes, data, ends, *words, *spans)
    return file.getvalue()


def load_lines(data: bytes) -> Iterator[Numbered]:
    """Yield the lines that `dump_lines` wrote.

    Raises:
        ValueError: it did not write these bytes.
    """
    file = io.BytesIO(data)
    while file.tell() < len(data):
        sizes, keys, ends = _read(file), _read(file), _read(file)
        starts = np.append(0, ends[:-1])[: len(ends)]
        yield Numbered(sizes, slices(keys, starts, ends), *(_read(file) for _ in range(7)))


def _arrays(table: Table) -> tuple[NDArray[Any], ...]:
    sizes = np.array([int(table.shift), table.largest])
    return sizes, table.hashes, table.values, table.first


def _table(file: io.BytesIO) -> Table:
    shift, largest = _read(file).tolist()
    return Table(_read(file), _read(file), _read(file), np.uint64(shift), largest)


def _write(file: io.BytesIO, *arrays: NDArray[Any]) -> None:
    for array in arrays:
        np.lib.format.write_array(file, array, allow_pickle=False)


def _read(file: io.BytesIO) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array

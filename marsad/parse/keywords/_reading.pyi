from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Buffer: TypeAlias = bytes | memoryview | NDArray[np.generic]

def number_words(words: _Buffer, ends: _Buffer, salt: int) -> tuple[bytes, bytes]: ...
def read_lines(
    sizes: _Buffer,
    n_spans: _Buffer,
    start: _Buffer,
    length: _Buffer,
    count: _Buffer,
    key: _Buffer,
    hashes: _Buffer,
    kind: _Buffer,
    rarity: _Buffer,
    factors: _Buffer,
    stages: _Buffer,
    phrases: _Buffer,
    times: _Buffer,
    first: _Buffer,
    asked: int,
    n_classes: int,
    shift: int,
    form_factor: float,
) -> tuple[bytes, bytes, bytes]: ...

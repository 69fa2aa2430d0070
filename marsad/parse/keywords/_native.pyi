from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Buffer: TypeAlias = bytes | memoryview | NDArray[np.generic]

def find_spans(
    lines: _Buffer,
    line_ends: _Buffer,
    titles: _Buffer,
    title_ends: _Buffer,
    texts: _Buffer,
    text_ends: _Buffer,
    salt: int,
) -> bytes: ...

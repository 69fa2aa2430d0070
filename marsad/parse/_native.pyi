from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Buffer: TypeAlias = bytes | memoryview | NDArray[np.generic]

def fold_rows(
    data: _Buffer, starts: _Buffer, ends: _Buffer, entries: _Buffer, texts: _Buffer
) -> tuple[bytes, bytes]: ...
def split_rows(data: _Buffer, ends: _Buffer, edges: _Buffer) -> bytes: ...
def find_hits(data: _Buffer, ends: _Buffer, literals: _Buffer, literal_ends: _Buffer) -> bytes: ...

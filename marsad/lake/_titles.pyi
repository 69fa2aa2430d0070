from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Buffer: TypeAlias = bytes | bytearray | memoryview | NDArray[np.generic]

def split_titles(
    titles: _Buffer, ends: _Buffer, least: int, most: int, salt: int
) -> tuple[bytearray, bytearray, list[str]]: ...
def sign_titles(
    sizes: _Buffer,
    title_hashes: _Buffer,
    numbers: _Buffer,
    word_hashes: _Buffer,
    kept: _Buffer,
    powers: _Buffer,
    inverses: _Buffer,
    needed: _Buffer,
) -> tuple[bytearray, bytearray, bytearray, bytearray]: ...

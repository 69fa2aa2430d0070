"""Identifiers: hex of a 128-bit hash, the same in Python and in SQL.

SHA-256 cut to 128 bits, because processors compute it at memory speed, an adversary cannot make
two texts collide, and DuckDB has it too: `left(sha256(a || chr(31) || b), 32)`.
"""

import hashlib

SEPARATOR = "\x1f"  # the unit separator: in no field that is hashed, or harmless there


def hash_bytes(data: bytes | memoryview) -> str:
    """Return the identifier of raw bytes, 32 hex digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def hash_id(*parts: str) -> str:
    """Return the identifier of a tuple of strings, 32 hex digits.

    Lone surrogates, which JSON may carry, are hashed as such rather than refused.
    """
    return hash_bytes(SEPARATOR.join(parts).encode("utf-8", "surrogatepass"))

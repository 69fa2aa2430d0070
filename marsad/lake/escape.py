"""The one place where names and values become SQL text.

Values are bound wherever the engine takes parameters; `literal` is for the few statements that
take none (ATTACH, COPY, CREATE VIEW over files).
"""

from marsad.errors import ConfigError


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier, whatever characters it holds.

    Raises:
        ConfigError: the name is empty or holds a NUL, which no identifier may.
    """
    if not name or "\0" in name:
        raise ConfigError(f"{name!r} is no name for a table or column")
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return `value` as a quoted SQL string.

    Raises:
        ConfigError: the value holds a NUL, which would end the statement early.
    """
    if "\0" in value:
        raise ConfigError(f"{value!r} holds a NUL character")
    return "'" + value.replace("'", "''") + "'"

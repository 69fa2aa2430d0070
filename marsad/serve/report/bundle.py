"""Vega-Lite's scripts in one: made by the installed vl-convert, and kept beside the bytecode.

To make them is to start a JavaScript engine, which takes longer than all else that a report does.
They are what the installed version makes of two constants, as bytecode is what Python makes of its
source, so they are kept in the same place: it is passed over by git, and whoever can write there
can write the program. `make install` makes them, else the first report does.
"""

import contextlib
import hashlib
import os
from importlib.metadata import version
from pathlib import Path
from typing import Final

#: Vega-Lite as the charts are written for; vl-convert carries it.
VEGA_LITE: Final = "6.4"
EXPORTS: Final = "window.vegaEmbed=vegaEmbed;"
_KEPT_IN: Final = Path(__file__).parent / "__pycache__"


def vega_scripts(kept_in: Path = _KEPT_IN) -> str:
    """Return the scripts that draw the charts: what `EXPORTS` says, and all that it needs.

    Args:
        kept_in: the folder in which they are looked for and left; one that cannot be written to
            costs seconds each time, and nothing else.
    """
    made_by = f"{VEGA_LITE}\n{version('vl-convert-python')}\n{EXPORTS}"
    path = kept_in / f"vega-{_digest(made_by)[:16]}.js"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        digest, _, scripts = path.read_bytes().decode().partition("\n")
        if digest == _digest(scripts):
            return scripts
    import vl_convert

    scripts = str(vl_convert.javascript_bundle(EXPORTS, vl_version=VEGA_LITE))
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            kept_in.mkdir(exist_ok=True)
            partial.write_bytes(f"{_digest(scripts)}\n{scripts}".encode())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return scripts


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Vega-Lite's scripts in one: made by the installed vl-convert, and kept beside the bytecode.

To make them is to start a JavaScript engine, which takes longer than all else that a report does.
They are what the installed version makes of two constants, as bytecode is what Python makes of its
source, so they are kept in the same place: it is passed over by git, and whoever can write there
can write the program. `make install` makes them, else the first report does.
"""

import contextlib
from importlib.metadata import version
from pathlib import Path
from typing import Final

from marsad.files import written_whole
from marsad.ids import hash_id

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
    made_of = hash_id(VEGA_LITE, version("vl-convert-python"), EXPORTS)
    path = kept_in / f"vega-{made_of}.js"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        written, _, scripts = path.read_bytes().decode().partition("\n")
        if written == hash_id(scripts):
            return scripts
    import vl_convert

    scripts = str(vl_convert.javascript_bundle(EXPORTS, vl_version=VEGA_LITE))
    with contextlib.suppress(OSError):
        kept_in.mkdir(exist_ok=True)
        with written_whole(path) as partial:
            partial.write_bytes(f"{hash_id(scripts)}\n{scripts}".encode())
    return scripts

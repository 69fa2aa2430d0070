"""Put the page together: template, style, scripts, charts and data in one file.

The page asks nobody for anything, and its Content-Security-Policy sees to it: only the scripts and
the style whose hashes it names run. Data stand in a block that is no script, in which no character
can end it.
"""

import base64
import csv
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any, Final

from marsad.serve.report.bundle import vega_scripts

HERE: Final = Path(__file__).parent
_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")
#: What could end a block, begin a comment, or break an old parser's line.
_UNSAFE: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def render(document: dict[str, Any]) -> str:
    """Return the page that shows a document of `marsad.serve.report.read`."""
    labels = read_labels()
    scripts = {"vega": vega_scripts(), "script": _joined("js")}
    style = _joined("css")
    slots = {name: text["en"] for name, text in labels.items()}
    slots = {f"label_{name}": html.escape(text) for name, text in slots.items()}
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(scripts['vega'])} {_hash(scripts['script'])}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    slots |= {
        "policy": html.escape(policy),
        "title": html.escape(_title(document, labels)),
        "style": style,
        "data": embedded(document),
        "labels": embedded(labels),
        "charts": embedded(read_charts()),
        **scripts,
    }
    template = (HERE / "page" / "page.html").read_text("utf-8")
    return _SLOT.sub(lambda slot: slots[slot[1]], template)


def read_labels() -> dict[str, dict[str, str]]:
    """Return the words of the interface, by name and language."""
    with (HERE / "page" / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["label"]: {"en": row["en"], "ar": row["ar"]} for row in csv.DictReader(file)}


def read_charts() -> dict[str, Any]:
    """Return the Vega-Lite specification of each chart, with its open slots."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in sorted((HERE / "charts").glob("*.json"))
    }


def embedded(value: object) -> str:
    """Return a value as JSON that may stand in a script block of HTML."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE)


def _title(document: dict[str, Any], labels: dict[str, dict[str, str]]) -> str:
    night = document["meta"]["night"]
    return f"Marsad {night}" if night else labels["brand"]["en"]


def _joined(kind: str) -> str:
    paths = sorted((HERE / "page").glob(f"*.{kind}"))
    text = "\n".join(path.read_text("utf-8") for path in paths)
    return f"(() => {{\n'use strict';\n{text}}})();" if kind == "js" else text


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

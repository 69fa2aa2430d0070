"""Pack the bundle as the ZIP file that Superset imports, over a published file.

    python data/bi/superset/pack.py warehouse/marsad.duckdb marsad-superset.zip

Needs Python alone. The path is the one under which Superset sees the file.
"""

import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

BUNDLE = Path(__file__).resolve().parent / "bundle"
#: What stands in the bundle, as a whole line of its database's file.
PLACE = "sqlalchemy_uri: duckdb:////srv/marsad/warehouse/marsad.duckdb"


def pack(published: Path, target: Path) -> None:
    """Write the bundle with the path of a published file in it.

    Raises:
        ValueError: the bundle's database has no such line.
    """
    line = f"sqlalchemy_uri: 'duckdb:///{quote(published.absolute().as_posix())}'"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            text = path.read_text("utf-8")
            if path.parent.name == "databases":
                if PLACE not in text:
                    raise ValueError(f"{path}: no line {PLACE}")
                text = text.replace(PLACE, line)
            # Superset wants one folder around it all.
            archive.writestr(f"marsad/{path.relative_to(BUNDLE).as_posix()}", text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: pack.py PUBLISHED_FILE ZIP_FILE")
    pack(Path(sys.argv[1]), Path(sys.argv[2]))

"""The floor: DuckDB copies the records to Parquet (zstd) and parses nothing.

    python copy_duckdb.py INPUT OUT

Of a zip, its members are first inflated to a file, which is what DuckDB itself cannot do.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import duckdb


def main(source: Path, out: Path) -> None:
    if source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive, (out / "records.jsonl").open("wb") as inflated:
            for name in sorted(archive.namelist()):
                with archive.open(name) as member:
                    shutil.copyfileobj(member, inflated, 1 << 20)
        source = out / "records.jsonl"
    reader = "read_parquet" if source.suffix == ".parquet" else "read_json"
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    con.execute(f"copy (from {reader}('{source}')) to '{out}/copy.parquet' (codec zstd)")
    row = con.execute(f"select count(*) from '{out}/copy.parquet'").fetchone()
    print(json.dumps({"pages": row[0] if row else 0}))


main(Path(sys.argv[1]), Path(sys.argv[2]))

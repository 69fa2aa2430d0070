"""Dumps in every format, damaged at random (by a seed), and what becomes of them.

    python mutated_files.py SEED COUNT FOLDER

Reads and parses COUNT files in this process and prints one JSON object; an exception ends it.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
from archives import pack_tar, pack_zip
from memory_peak import peak_mb

from marsad.dumps.fields import load_fields
from marsad.dumps.plan import discover
from marsad.dumps.read import read_chunk
from marsad.parse.page import parse_records
from marsad.reference import load_rules
from marsad.settings import PROJECT_DIR, load_settings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Files that are read together: it spares the cost of starting, and bounds the time of each.
BATCH = 50
_PAGE = (PROJECT_DIR / "tests" / "pages" / "seed.txt").read_text("utf-8")


def _texts() -> list[dict[str, str]]:
    return [{"text": f"{n} {_PAGE}", "url": f"https://news.example/{n}"} for n in range(4)]


def _csv() -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["text", "url"])
    writer.writeheader()
    writer.writerows(_texts())
    return out.getvalue().encode()


def _parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(_texts()).write_parquet(out)
    return out.getvalue()


def _twice(name: str, data: bytes) -> dict[str, bytes]:
    """Return the members of an archive that holds the same twice."""
    return {name: data, f"second.{name}": data}


FORMATS: dict[str, Callable[[], bytes]] = {
    "txt": lambda: _PAGE.encode(),
    "json": lambda: json.dumps(_texts(), ensure_ascii=False).encode(),
    "jsonl": lambda: "\n".join(json.dumps(row, ensure_ascii=False) for row in _texts()).encode(),
    "csv": _csv,
    "parquet": _parquet,
}
PACKINGS: dict[str, Callable[[str, bytes], bytes]] = {
    "": lambda _, data: data,
    ".gz": lambda _, data: gzip.compress(data, mtime=0),
    ".zst": lambda _, data: zstd.compress(data),
    ".bz2": lambda _, data: bz2.compress(data),
    ".xz": lambda _, data: lzma.compress(data),
    ".zip": lambda name, data: pack_zip(_twice(name, data)),
    ".tar": lambda name, data: pack_tar(_twice(name, data)),
    ".tar.gz": lambda name, data: gzip.compress(pack_tar(_twice(name, data)), mtime=0),
}


def mutate(data: bytes, randoms: random.Random) -> bytes:
    """Damage bytes in one of the ways that disks, networks and people do."""
    out = bytearray(data)
    at = randoms.randrange(len(data))
    length = min(randoms.choice((1, 7, 64, 512, 4096)), len(data) - at)
    match randoms.randrange(7):
        case 0:
            for _ in range(randoms.choice((1, 2, 8))):
                out[randoms.randrange(len(out))] ^= 1 << randoms.randrange(8)
        case 1:
            del out[at:]
        case 2:
            del out[:at]
        case 3:
            del out[at : at + length]
        case 4:
            out[at:at] = randoms.randbytes(length)
        case 5:
            here = randoms.randrange(len(data))
            out[here : here + length] = data[at : at + length]
        case 6:
            out[at:at] = data
    return bytes(out)


def write_mutated(folder: Path, randoms: random.Random, first: int, count: int) -> None:
    """Write files, damaged inside of their packing, outside of it, or both."""
    formats = list(FORMATS)
    for number in range(first, first + count):
        name = formats[number % len(formats)]
        packing = list(PACKINGS)[number // len(formats) % len(PACKINGS)]
        data = FORMATS[name]()
        where = randoms.choice(("inside", "outside", "both"))
        if where != "outside":
            data = mutate(data, randoms)
        data = PACKINGS[packing](f"a.{name}", data)
        if where != "inside":
            data = mutate(data, randoms)
        (folder / f"{number:05d}.{name}{packing}").write_bytes(data)


def main(seed: int, count: int, folder: Path) -> dict[str, object]:
    """Read and parse damaged files; return what became of them."""
    settings = load_settings(environ={})
    rules = load_rules(settings)
    fields = load_fields([settings.reference / "fields.csv"])
    randoms = random.Random(seed)
    became: Counter[str] = Counter()
    slowest = 0.0
    for first in range(0, count, BATCH):
        batch = folder / str(first)
        batch.mkdir()
        write_mutated(batch, randoms, first, min(BATCH, count - first))
        began = time.process_time()
        plan = discover(
            [str(batch)],
            limits=settings.limits,
            fields=fields,
            observed=None,
            known=lambda _: set(),
            plan_path=folder / "plan.parquet",
        )
        counts, seen = [], []
        for number in range(plan.n_chunks):
            for piece in read_chunk(plan.path, number, limits=settings.limits, fields=fields):
                parsed = parse_records(piece.records, rules)
                counts.append(piece.counts)
                mains = parsed.sightings.filter(role="main").select("dump_id")
                seen += [mains, piece.rejects.select("dump_id"), parsed.rejects.select("dump_id")]
        slowest = max(slowest, time.process_time() - began)
        read = (
            pl.concat(counts)
            .group_by("dump_id")
            .agg(pl.col("n_records", "n_rejects").sum(), pl.col("error").drop_nulls().first())
        )
        kept = pl.concat(seen).group_by("dump_id").len("n_kept")
        told = read.join(kept, on="dump_id", how="left").with_columns(pl.col("n_kept").fill_null(0))
        whole = told.filter(pl.col("error").is_null())
        lost = whole.filter(pl.col("n_records") != pl.col("n_kept"))
        assert lost.height == 0, f"{batch}: {lost}"
        problems = plan.dumps.filter(status="failed")["problem"].to_list()
        lines = [*told["error"].drop_nulls(), *problems, *map(str, plan.problems)]
        assert not [line for line in lines if "\n" in line or not line], lines
        became["read whole"] += whole.filter(n_rejects=0).height
        became["read with rejects"] += whole.filter(pl.col("n_rejects") > 0).height
        became["failed"] += told.height - whole.height + len(problems)
        became["of no kind that is read"] += len(plan.problems) - len(problems)
        became["the same bytes as another"] += plan.dumps.filter(status="skipped").height
        became["records"] += int(whole["n_records"].sum())
        became["rejects"] += int(whole["n_rejects"].sum())
        shutil.rmtree(batch)
    return {**became, "slowest_batch_s": round(slowest, 2), "peak_mb": peak_mb()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))) + "\n")

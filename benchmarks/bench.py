"""All benchmarks of a night, one after the other, each with a part of docs/performance.md.

    make bench                              some minutes, on small inputs
    make bench BENCH="--pages 105000"       a gigabyte
    make bench BENCH="--parts fixed"        one part

A part's figures are written as soon as they are there.
"""

import argparse
import sys
from pathlib import Path

import cluster
import fixed
import memory
import nights
import pipeline
from page import renew

HERE = Path(__file__).resolve().parent
PARTS = ("fixed", "pipeline", "nights", "memory", "cluster")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = arguments.add_argument
    add("--parts", nargs="+", default=PARTS, choices=PARTS)
    add("--output", type=Path, help="page whose parts between the marks are renewed")
    add("--pages", type=int, default=25_000, help="of the pipeline; 9.6 kB each")
    add("--formats", nargs="+", default=pipeline.FORMATS, choices=pipeline.FORMATS)
    add("--dlt-pages", type=int, default=20_000, help="dlt gets the first so many, no more")
    add("--ours-only", action="store_true", help="of the pipeline: the floor and Marsad alone")
    add("--rounds", type=int, default=2, help="of the pipeline; the quickest of each counts")
    add("--peers", type=Path, default=HERE.parent / ".bench", help="environment of the peers")
    add("--nights", type=int, default=20, help="that fill the large lake")
    add("--night-pages", type=int, default=2_500, help="of each of them")
    add("--tonight", type=int, default=500, help="pages of the night that is measured")
    add("--megabytes", type=int, default=500, help="of the large JSON Lines and tar")
    add("--row-group-mb", type=int, default=300, help="of the one Parquet row group")
    add("--cluster-pages", type=int, default=30_000, help="of the nights on a Dask cluster")
    add("--files", type=int, default=50_000, help="small files; 0 leaves them out")
    chosen = arguments.parse_args()
    makers = {
        "fixed": fixed.section,
        "pipeline": lambda: pipeline.section(
            chosen.pages,
            chosen.formats,
            chosen.dlt_pages,
            chosen.peers,
            ours_only=chosen.ours_only,
            rounds=chosen.rounds,
        ),
        "nights": lambda: nights.section(chosen.night_pages, chosen.nights, chosen.tonight),
        "cluster": lambda: cluster.section(chosen.cluster_pages),
        "memory": lambda: memory.section(chosen.megabytes, chosen.row_group_mb, chosen.files),
    }
    for part in chosen.parts:
        lines = makers[part]()
        sys.stdout.write("\n".join(lines) + "\n\n")
        sys.stdout.flush()
        if chosen.output:
            renew(chosen.output, part, lines)


if __name__ == "__main__":
    main()

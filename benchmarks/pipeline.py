"""A night of Marsad beside what one would use instead, on the same bytes in the same run.

    make bench            (which is: python benchmarks/pipeline.py --output docs/performance.md)

Each contender is a process of its own, one after the other, its imports counted. The floor is
DuckDB's copy of the records to Parquet, which parses nothing. The peers parse by a regular
expression a page, sections only (`peers/page_parser.py`), so the pages have no variants: on
others they find less. All that parse must find the same pages, second articles and links.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from measured import Measured, measured

HERE = Path(__file__).resolve().parent
START, END = "<!-- pipeline: start -->", "<!-- pipeline: end -->"
AGREED = ("pages", "second", "links")
FORMATS = ("jsonl", "parquet", "zip")


def make_input(folder: Path, pages: int, name: str) -> tuple[Path, float]:
    """Make the pages as one file of a format; returns it, and the megabytes of its records."""
    from marsad.synth.generate import SynthOptions, generate

    made = generate(
        SynthOptions(
            pages=pages,
            seed=11,
            out=folder / name,
            format="parquet" if name == "parquet" else "jsonl",
            variants="plain",
            processes=2,
            truth=False,
        )
    )
    path = next(path for path in sorted(made.dumps.rglob("*")) if path.is_file())
    megabytes = made.n_bytes / 1e6
    if name != "zip":
        return path, megabytes
    packed = folder / "pages.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    path.unlink()
    return packed, megabytes


def peers_python(folder: Path) -> str:
    """Make the peers' own environment; returns its interpreter."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        lock = HERE / "peers" / "requirements.lock"
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock],
            check=True,
        )
    return str(python)


def contenders(source: Path, folder: Path, workers: int, peers: str) -> dict[str, Sequence[str]]:
    """Return the commands by name; the floor first."""
    ours = [sys.executable, str(HERE / "night.py"), str(folder / "lake"), str(workers), str(source)]
    found: dict[str, Sequence[str]] = {
        "DuckDB copy, no parsing": peer(peers, "copy_duckdb", source, folder)
    }
    found["Marsad, the whole night"] = ours
    if source.suffix == ".jsonl":
        found["pandas + Great Expectations + DuckDB"] = peer(peers, "pandas_gx", source, folder)
        found["datatrove, two workers, to JSON Lines"] = peer(
            peers, "datatrove_jsonl", in_two(source, folder / "halves"), folder
        )
        found["dlt, merged into DuckDB"] = peer(peers, "dlt_duckdb", source, folder)
    return found


def peer(python: str, name: str, source: Path, folder: Path) -> Sequence[str]:
    out = folder / name
    out.mkdir()
    return [python, str(HERE / "peers" / f"{name}.py"), str(source), str(out)]


def in_two(source: Path, folder: Path) -> Path:
    """Cut a file of lines in two, for a tool that shares out whole files."""
    folder.mkdir()
    middle = source.stat().st_size // 2
    with source.open("rb") as lines:
        with (folder / "1.jsonl").open("wb") as first:
            while lines.tell() < middle:
                first.write(lines.readline())
        with (folder / "2.jsonl").open("wb") as second:
            shutil.copyfileobj(lines, second, 1 << 20)
    return folder


def agree(results: dict[str, Measured]) -> None:
    """Check that all who parse found the same.

    Raises:
        SystemExit: they did not.
    """
    found = {
        name: tuple(result.said[what] for what in AGREED)
        for name, result in results.items()
        if "links" in result.said
    }
    if len(set(found.values())) > 1:
        raise SystemExit(f"the outputs differ in {AGREED}: {found}")


def rows(results: dict[str, Measured], megabytes: float) -> list[str]:
    """Return a table: seconds, rate, memory, and the ratio to the floor."""
    floor = next(iter(results.values())).seconds
    table = [
        "| what | s | MB/s | peak MB | times the floor |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, result in results.items():
        table.append(
            f"| {name} | {result.seconds:.1f} | {megabytes / result.seconds:.0f}"
            f" | {result.peak / 1e6:,.0f} | {result.seconds / floor:.1f} |"
        )
    return table


def machine() -> str:
    """Say what this was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--pages", type=int, default=25_000, help="9.5 kB each")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--formats", nargs="+", default=FORMATS, choices=FORMATS)
    arguments.add_argument("--peers", type=Path, default=HERE.parent / ".bench")
    arguments.add_argument("--ours-only", action="store_true", help="the floor and Marsad alone")
    arguments.add_argument(
        "--output", type=Path, help="page whose part between the marks is renewed"
    )
    chosen = arguments.parse_args()
    peers = peers_python(chosen.peers)
    lines = [f"{chosen.pages:,} pages of the plain template; {machine()}."]
    for name in chosen.formats:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            source, megabytes = make_input(folder, chosen.pages, name)
            results = {}
            for what, command in contenders(source, folder, chosen.workers, peers).items():
                if chosen.ours_only and len(results) == 2:
                    break
                results[what] = measured(command)
                print(f"{name}: {what}: {results[what].seconds:.1f} s", file=sys.stderr)
            agree(results)
            stages = results["Marsad, the whole night"].said["seconds"]
            lines += [
                "",
                f"### {name}, {megabytes:,.0f} MB of records",
                "",
                *rows(results, megabytes),
                "",
            ]
            lines.append(
                "Marsad's stages: " + ", ".join(f"{k} {v:.1f} s" for k, v in stages.items()) + "."
            )
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if chosen.output:
        page = chosen.output.read_text("utf-8")
        before, _, rest = page.partition(START)
        _, _, after = rest.partition(END)
        chosen.output.write_text(f"{before}{START}\n{text}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()

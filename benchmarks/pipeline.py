"""A night of Marsad beside what one would use instead, on the same bytes in the same run.

Each contender is a process of its own, one after the other, its imports counted. The floor is
DuckDB's copy of the records to Parquet, which parses nothing. The peers parse by a regular
expression a page, sections only (`peers/page_parser.py`), so the pages have no variants: on
others they find less. All that parse must find the same pages, second articles and links.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from measured import Measured, measured
from page import machine, stages

HERE = Path(__file__).resolve().parent
AGREED = ("pages", "second", "links")
FORMATS = ("jsonl", "parquet", "zip")
FLOOR, OURS, SERVE = "DuckDB copy, no parsing", "Marsad, the night", "Marsad, the published file"
DLT = "dlt, merged into DuckDB"
DATATROVE = "datatrove, two workers, to JSON Lines"


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


def contenders(
    source: Path, folder: Path, peers: str, share: Path, *, is_first: bool
) -> dict[str, Sequence[str]]:
    """Return the commands by name; the floor first.

    Args:
        source: the pages.
        folder: where they write.
        peers: the interpreter of the peers.
        share: the first part of `source`, for who would take all night over the whole.
        is_first: with those that run once, dlt and datatrove.
    """
    night = [sys.executable, str(HERE / "night.py")]
    found: dict[str, Sequence[str]] = {
        FLOOR: peer(peers, "copy_duckdb", source, folder),
        OURS: [*night, str(folder / "lake"), str(source)],
        SERVE: [*night, "--serve", str(folder / "lake")],
    }
    if source.suffix == ".jsonl":
        found["pandas + Great Expectations + DuckDB"] = peer(peers, "pandas_gx", source, folder)
    if source.suffix == ".jsonl" and is_first:
        found[DATATROVE] = peer(peers, "datatrove_jsonl", in_two(source, folder / "halves"), folder)
        found[DLT] = peer(peers, "dlt_duckdb", share, folder)
    return found


def first_lines(source: Path, n: int, target: Path) -> Path:
    """Copy the first lines of a file."""
    with source.open("rb") as lines, target.open("wb") as part:
        part.writelines(islice(lines, n))
    return target


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


def agree(results: dict[str, Measured], pages: int) -> None:
    """Check that all who parsed all pages found the same.

    Raises:
        SystemExit: they did not.
    """
    found = {
        name: tuple(result.said[what] for what in AGREED)
        for name, result in results.items()
        if "links" in result.said and (name != DLT or result.said["pages"] == pages)
    }
    if len(set(found.values())) > 1:
        raise SystemExit(f"the outputs differ in {AGREED}: {found}")


def rows(results: dict[str, Measured], megabytes: float, pages: int) -> list[str]:
    """Return a table: seconds, rate, memory, and the ratio to the floor."""
    floor = results[FLOOR]
    table = [
        "| what | s | MB/s | cores' s | peak MB | times the floor | in cores' s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, result in results.items():
        part = result.said.get("pages", pages) / pages
        what = name if part == 1 else f"{name}; {result.said['pages']:,} pages, ratio by rate"
        table.append(
            f"| {what} | {result.seconds:.1f} | {megabytes * part / result.seconds:.0f}"
            f" | {result.cpu:.1f} | {result.peak / 1e6:,.0f}"
            f" | {result.seconds / part / floor.seconds:.1f}"
            f" | {result.cpu / part / floor.cpu:.1f} |"
        )
    return table


def section(
    pages: int,
    formats: Sequence[str],
    dlt_pages: int,
    peers: Path,
    *,
    ours_only: bool,
    rounds: int,
) -> list[str]:
    """Measure everything; returns the lines of the page.

    Args:
        pages: to make.
        formats: to make them in, one after the other.
        dlt_pages: how many dlt gets.
        peers: environment of the peers.
        ours_only: the floor and Marsad alone.
        rounds: how often each is measured, in turn; the quickest counts. dlt and datatrove
            are measured once.
    """
    python = peers_python(peers)
    lines = [f"{pages:,} pages of the plain template; the quickest of {rounds}; {machine()}."]
    for name in formats:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            source, megabytes = make_input(folder, pages, name)
            share = source
            if dlt_pages < pages and name == "jsonl":
                share = first_lines(source, dlt_pages, folder / "share.jsonl")
            results: dict[str, Measured] = {}
            for number in range(rounds):
                out = folder / str(number)
                out.mkdir()
                commands = contenders(source, out, python, share, is_first=not number)
                for what, command in commands.items():
                    if ours_only and what not in (FLOOR, OURS, SERVE):
                        break
                    result = measured(command)
                    print(f"{name}: {what}: {result.seconds:.1f} s", file=sys.stderr)
                    if what not in results or result.seconds < results[what].seconds:
                        results[what] = result
                shutil.rmtree(out)
            agree(results, pages)
            lines += [
                "",
                f"### {name}, {megabytes:,.0f} MB of records",
                "",
                *rows(results, megabytes, pages),
                "",
                f"Marsad's stages: {stages(results[OURS].said['seconds'])}.",
            ]
    return lines

"""The same night into an empty lake, and into one that is many times larger.

`python benchmarks/nights.py LAKE FOLDER` fills a lake, a night for each folder in FOLDER. Each of
the two measured nights is a process of its own; they are repeated in turn, and the less of the
cores' time counts, which other programs on the machine change least.
"""

import json
import shutil
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from measured import Measured, measured
from page import machine

HERE = Path(__file__).resolve().parent
FIRST_DAY = date(2024, 8, 1)
STAGES = ("discover", "parse", "segment", "audit", "publish")


def make(folder: Path, pages: int, nights: int, first_day: date, seed: int) -> Path:
    """Make the dumps of some nights; returns their folder."""
    from marsad.synth.generate import SynthOptions, generate

    options = SynthOptions(
        pages=pages * nights,
        seed=seed,
        out=folder,
        days=nights,
        first_day=first_day,
        processes=2,
        truth=False,
    )
    return generate(options).dumps


def _any_size(folder: Path) -> Path:
    """Make expectations that let a night be smaller than those before it; returns their folder."""
    rule = {"meta": {"marsad": {"rule": "volume_low", "bounds": {"min_percent": 0}}}}
    folder.mkdir()
    (folder / "volume.json").write_text(json.dumps({"name": "volume", "expectations": [rule]}))
    return folder


def section(pages: int, nights: int, tonight: int, rounds: int = 2) -> list[str]:
    """Measure; returns the lines of the page.

    Args:
        pages: of each night that fills the large lake.
        nights: that fill it.
        tonight: pages of the night that is measured.
        rounds: how often each is measured.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        before = make(folder / "before", pages, nights, FIRST_DAY, seed=21)
        dump = make(folder / "tonight", tonight, 1, FIRST_DAY + timedelta(nights), seed=22)
        environ = {"MARSAD_EXPECTATIONS": str(_any_size(folder / "expectations"))}
        large = folder / "large"
        filled = measured([sys.executable, str(HERE / "nights.py"), str(large), str(before)])
        print(f"nights: {nights} nights: {filled.seconds:.0f} s", file=sys.stderr)
        found: dict[str, Measured] = {}
        for number in range(rounds):
            for name in ("empty", "large"):
                lake = folder / f"{name}-{number}"
                if name == "large":
                    shutil.copytree(large, lake)
                else:
                    _make_empty(lake)
                night = [sys.executable, str(HERE / "night.py"), str(lake), str(dump)]
                result = measured(night, environ)
                print(f"nights: {name}: {result.cpu:.1f} cores' s", file=sys.stderr)
                shutil.rmtree(lake)
                if name not in found or result.cpu < found[name].cpu:
                    found[name] = result
    times = pages * nights / tonight
    lines = [
        f"A night of {tonight:,} pages of every variant into an empty lake, and into one of"
        f" {nights} nights of {pages:,} pages ({times:.0f} times as many); {machine()}.",
        "",
        "| what | empty, s | large, s | ratio |",
        "| --- | ---: | ---: | ---: |",
    ]
    figures = {name: _figures(result) for name, result in found.items()}
    for what, empty in figures["empty"].items():
        ratio = figures["large"][what] / max(empty, 0.01)
        lines.append(f"| {what} | {empty:.2f} | {figures['large'][what]:.2f} | {ratio:.2f} |")
    return lines


def _figures(result: Measured) -> dict[str, float]:
    seconds = result.said["seconds"]
    return {
        **{stage: seconds[stage] for stage in STAGES},
        "all stages": sum(seconds.values()),
        "cores' time, imports counted": result.cpu,
    }


def _make_empty(lake: Path) -> None:
    """Make a lake without rows: making its tables is no part of a night."""
    from marsad.lake.connect import open_lake
    from marsad.lake.migrate import migrate
    from marsad.settings import load_settings

    lake.mkdir()
    with open_lake(lake, read_only=False) as con:
        migrate(con, load_settings(lake=lake).sql)


def fill(lake: Path, dumps: Path) -> None:
    """Publish a night for each folder."""
    from night import run_night

    from marsad.settings import load_settings

    settings = load_settings(lake=lake)
    nights = sorted(path for path in dumps.iterdir() if path.is_dir())
    for night in nights:
        run_night(settings, [str(night)])
    print(json.dumps({"nights": len(nights)}))


if __name__ == "__main__":
    fill(Path(sys.argv[1]), Path(sys.argv[2]))

"""Progress that is told to people."""

import os

from marsad.console import shown_progress
from marsad.night.progress import Progress, report
from marsad.terminal import PipeSafeConsole


def test_a_run_goes_on_when_nobody_reads_its_progress() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = []
    with os.fdopen(writer, "w") as file, shown_progress(PipeSafeConsole(file=file), "a server"):
        for stage in ("discover", "parse"):
            report(Progress(stage, n_bytes=10))
            done.append(stage)
    assert done == ["discover", "parse"]


def test_a_stage_that_comes_again_is_told_again() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file, shown_progress(PipeSafeConsole(file=file), "a server"):
        for news in ("one day", "parse", "another day", "parse", "parse"):
            report(Progress(news))
    with os.fdopen(reader) as said:
        stages = [line.split(" s  ")[1].strip() for line in said]
    assert stages == ["start     a server", "one day", "parse", "another day", "parse"]

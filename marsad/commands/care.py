"""Commands that keep a lake well: maintain and doctor."""

import json
import sys
from datetime import timedelta
from typing import Annotated

import typer

from marsad.commands.options import Json, Lake, Wait


def maintain(
    keep_days: Annotated[
        float, typer.Option(min=0, help="Snapshots younger than this are kept.")
    ] = 30,
    keep_runs: Annotated[
        int, typer.Option(min=1, help="The last published runs are kept, however old.")
    ] = 14,
    grace_hours: Annotated[
        float, typer.Option(min=0, help="Files that are replaced are kept so long for readers.")
    ] = 24,
    lake: Lake = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Merge small files, expire old snapshots, and delete what nobody needs."""
    from marsad.console import shown_progress
    from marsad.lake.maintain import Retention
    from marsad.night.maintained import maintain
    from marsad.settings import load_settings
    from marsad.terminal import PipeSafeConsole

    settings = load_settings(lake=lake)
    keep = Retention(keep_days, keep_runs, timedelta(hours=grace_hours))
    with shown_progress(PipeSafeConsole(stderr=True), "maintenance"):
        done = maintain(settings, keep, wait=wait)
    if as_json:
        sys.stdout.write(json.dumps(done.as_json()) + "\n")
    else:
        sys.stdout.write("\n".join(done.lines()) + "\n")


def doctor(lake: Lake = None, as_json: Json = False) -> None:
    """Examine the installation and the lake, and say what to do; ends with 1 on errors."""
    from dataclasses import asdict

    from marsad.console import print_finding
    from marsad.night.doctor import examine
    from marsad.settings import load_settings
    from marsad.terminal import terminal

    settings = load_settings(lake=lake)
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            print_finding(terminal(), finding)
    if as_json:
        said = [asdict(finding) for finding in findings]
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)

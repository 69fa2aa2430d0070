"""Commands over what was rejected: list, show, replay, waive."""

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from marsad.commands.options import Json, Lake, Wait, Workers


class Status(StrEnum):
    """What became of a reject."""

    open = "open"
    replayed = "replayed"
    waived = "waived"
    all = "all"


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[REJECT]...", help="First digits of their ids. [default: all]"),
]
Rule = Annotated[str | None, typer.Option(help="Only those of this rule.")]
Dump = Annotated[
    str | None,
    typer.Option(help="Only those of a dump: first digits of its id, or part of a name."),
]
OfRun = Annotated[str | None, typer.Option("--run", help="Only those that this run rejected.")]


def list_rejects(
    rule: Rule = None,
    dump: Dump = None,
    run: OfRun = None,
    status: Annotated[Status, typer.Option(help="What became of them.")] = Status.open,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
    lake: Lake = None,
    as_json: Json = False,
) -> None:
    """List rejects, by file and place, with the rule and what exactly was wrong."""
    from marsad.lake.connect import open_lake
    from marsad.lake.rejects import Selection, read_rejects
    from marsad.output import write_result
    from marsad.quarantine import listed, print_rejects
    from marsad.settings import load_settings

    wanted = None if status is Status.all else status.value
    with open_lake(load_settings(lake=lake).place) as con:
        found = read_rejects(con, Selection(rule=rule, dump=dump, run=run, status=wanted))
    if as_json:
        write_result(listed(found), "json", None)
    else:
        print_rejects(found, limit)


def show(
    reject: Annotated[str, typer.Argument(metavar="REJECT", help="First digits of its id.")],
    lake: Lake = None,
    as_json: Json = False,
) -> None:
    """Show one reject: where it stood, why it was rejected, and the record itself."""
    from marsad.lake.connect import open_lake
    from marsad.lake.rejects import Selection, read_rejects
    from marsad.quarantine import print_reject, reject_as_json
    from marsad.settings import load_settings

    with open_lake(load_settings(lake=lake).place) as con:
        found = read_rejects(con, Selection(names=(reject,))).row(0, named=True)
    if as_json:
        sys.stdout.write(json.dumps(reject_as_json(found), ensure_ascii=False) + "\n")
    else:
        print_reject(found)


def replay(
    rejects: Names = None,
    rule: Rule = None,
    dump: Dump = None,
    run: OfRun = None,
    lake: Lake = None,
    workers: Workers = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Try open rejects again with today's parser and reference data; publish what passes."""
    from marsad.commands.flow_runs import end_run, running_flow
    from marsad.lake.rejects import Selection
    from marsad.night.replay_reading import require_rejects
    from marsad.settings import load_settings

    settings = load_settings(lake=lake, workers=workers)
    selection = Selection(names=tuple(rejects or ()), rule=rule, dump=dump, run=run)
    require_rejects(settings, selection)
    with running_flow(settings):
        from flows.replay import run_once

        summary = run_once(settings, selection, wait=wait)
    end_run(summary, as_json, lake)


def waive(
    reason: Annotated[str, typer.Option(help="Why, for ops.rejects.")],
    rejects: Names = None,
    rule: Rule = None,
    dump: Dump = None,
    run: OfRun = None,
    lake: Lake = None,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Give up open rejects, with the reason: no replay tries them again."""
    from marsad.lake.rejects import Selection
    from marsad.night.waived import waive
    from marsad.settings import load_settings
    from marsad.terminal import command

    selection = Selection(names=tuple(rejects or ()), rule=rule, dump=dump, run=run)
    found = waive(load_settings(lake=lake), selection, reason, wait=wait)
    if as_json:
        said = {"n_waived": found.height, "reject_ids": found["reject_id"].to_list()}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write(
            f"Waived {found.height:,}. To see them: {command()} rejects list --status waived\n"
        )

"""Go back to the lake as it was after a run: a run of its own, with a reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from marsad.errors import ConfigError, MarsadError
from marsad.lake.connect import open_lake
from marsad.lake.diff import Diff, diff
from marsad.lake.lock import writer_lock
from marsad.lake.migrate import migrate
from marsad.lake.rollback import roll_back as roll_back_lake
from marsad.lake.runs import LATEST, Run, find_run, publisher_of, require_state
from marsad.night.context import close_staging, new_context, open_staging
from marsad.night.ends import run_row
from marsad.night.served import serve, write_report
from marsad.night.summary import PUBLISHED
from marsad.settings import Settings


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did.

    Attributes:
        run_id: the rollback's own run.
        snapshot_id: the snapshot that it made.
        target: the run after which the lake was as it is again.
        diff: what that changed.
        warning: why readers of the published file do not see it yet; null when they do.
    """

    run_id: str
    snapshot_id: int
    target: Run
    diff: Diff
    warning: str | None = None


def roll_back(
    settings: Settings,
    name: str,
    reason: str,
    *,
    wait: bool = False,
    on_wait: Callable[[], object] | None = None,
) -> RolledBack:
    """Make the lake what it was after a run, as a new snapshot.

    Args:
        settings: whose lake it is.
        name: the run, as `marsad.lake.runs.find_run` takes it.
        reason: why, for `ops.runs`.
        wait: wait for another run to end.
        on_wait: called once, should there be somebody to wait for.

    Raises:
        ConfigError: no run is meant, no reason is given, or there is nothing to roll back.
        LakeError: there is no lake, or that state cannot be had again; nothing was changed.
        LakeLockedError: another run is writing.
    """
    if not reason.strip():
        raise ConfigError("a rollback needs a reason: --reason TEXT")
    with open_lake(settings.place) as con:
        find_run(con, name)
    context = new_context(settings, "rollback")
    with writer_lock(settings.place, wait=wait, on_wait=on_wait):
        open_staging(context)
        try:
            with open_lake(settings.place, read_only=False, temp=context.staging / "spill") as con:
                migrate(con, settings.sql)
                target = find_run(con, name)
                state = require_state(con, target)
                newest = find_run(con, LATEST)
                if newest.state_id == state:
                    raise ConfigError(
                        f"the lake is as run {target.name} left it: there is nothing to roll back"
                    )
                row = replace(
                    run_row(context, PUBLISHED),
                    reason=reason.strip(),
                    target_run_id=publisher_of(con, state),
                )
                published = roll_back_lake(con, row, state)
                changed = diff(con, published.snapshot_id - 1, published.snapshot_id)
            try:
                serve(settings)
                write_report(settings)
                warning = None
            except MarsadError as error:
                warning = str(error)
        finally:
            close_staging(context)
    return RolledBack(context.run_id, published.snapshot_id, target, changed, warning)

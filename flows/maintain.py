"""The maintenance flow: merge small files, expire snapshots, delete what nobody needs."""

from datetime import timedelta
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from marsad.errors import MarsadError
from marsad.lake.maintain import Retention
from marsad.night import maintained
from marsad.night.maintained import Maintenance
from marsad.night.whole import tell_failure
from marsad.settings import Settings, load_settings


@task(name="maintain", cache_policy=NO_CACHE)
def maintain_lake(settings: Settings, keep: Retention, wait: bool) -> Maintenance:
    """Do all of it, in one task: the steps share the writer's lock."""
    return maintained.maintain(settings, keep, wait=wait)


@flow(name="maintain")
def maintain(
    lake: str | None = None,
    keep_days: float = 30,
    keep_runs: int = 14,
    grace_hours: float = 24,
    wait: bool = True,
) -> Maintenance:
    """Keep the lake small and quick; readers go on reading.

    Args:
        lake: folder of the warehouse; default `MARSAD_LAKE`, else `./warehouse`.
        keep_days: snapshots younger than this are kept.
        keep_runs: the snapshots of so many published runs are kept, however old.
        grace_hours: how long a file that is not needed any more is kept for those who read it.
        wait: wait for a run to end, instead of ending at once.

    Raises:
        LakeLockedError: another run is writing, and `wait` is off.
        LakeError: there is no lake, or it is damaged; what readers see is as it was.
    """
    settings = load_settings(lake=Path(lake) if lake else None)
    keep = Retention(keep_days, keep_runs, timedelta(hours=grace_hours))
    try:
        done = maintain_lake(settings, keep, wait)
    except MarsadError as error:
        tell_failure(settings, "maintain", error)
        raise
    create_markdown_artifact(
        key="marsad-maintenance",
        markdown="\n".join(f"- `{line}`" for line in done.lines()) + "\n",
        description="What maintenance did",
    )
    return done

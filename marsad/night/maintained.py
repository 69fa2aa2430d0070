"""Maintain a lake: everything that a weekly run does, under the writer's lock."""

import time
from dataclasses import asdict, dataclass

from marsad.lake.catalog_copy import keep_copy
from marsad.lake.connect import open_lake
from marsad.lake.lock import writer_lock
from marsad.lake.maintain import Maintained, Retention, maintain_lake
from marsad.night.context import left_over, remove_staging
from marsad.night.progress import report_waiting
from marsad.settings import Settings


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What maintenance did.

    Attributes:
        lake: what was done to the lake.
        n_staging_deleted: staging folders of killed runs that were deleted.
        seconds: how long it took.
    """

    lake: Maintained
    n_staging_deleted: int
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return it as plain values in one level."""
        rest = {"n_staging_deleted": self.n_staging_deleted, "seconds": self.seconds}
        return asdict(self.lake) | rest

    def lines(self) -> list[str]:
        """Return what was done in lines for people."""
        lake = self.lake
        return [
            f"snapshots  {lake.n_snapshots_expired:,} expired",
            "files      not merged: readers have the lake open all the time"
            if lake.is_merge_put_off
            else f"files      {lake.n_files_merged:,} became {lake.n_files_made:,}",
            f"deleted    {lake.n_files_deleted:,} files that no snapshot needs,"
            f" {lake.n_orphans_deleted:,} orphans, {self.n_staging_deleted:,} staging folders:"
            f" {lake.n_bytes_freed / 1e6:,.1f} MB",
        ]


def maintain(settings: Settings, keep: Retention, *, wait: bool = False) -> Maintenance:
    """Clear staging, expire snapshots, merge files, and delete what nobody needs.

    Args:
        settings: names the lake.
        keep: what is kept for how long.
        wait: wait for a run to end, instead of ending at once.

    Raises:
        LakeLockedError: another run is writing.
        LakeError: there is no lake, or it is damaged; what readers see is as it was.
    """
    began = time.perf_counter()
    # Where there is no lake, none is to be made.
    with open_lake(settings.place):
        pass
    with writer_lock(settings.place, wait=wait, on_wait=report_waiting):
        n_staging = _clear_staging(settings)
        try:
            done = maintain_lake(settings.place, keep)
        finally:
            # A copy of the catalog from before would name files that are deleted now.
            keep_copy(settings.place)
    return Maintenance(done, n_staging, round(time.perf_counter() - began, 3))


def _clear_staging(settings: Settings) -> int:
    """Delete the staging folders of killed runs; the caller holds the lock, so no run lives."""
    left = left_over(settings)
    for name in left:
        remove_staging(name)
    return len(left)

"""What every stage of a run knows: its name, its start, its folder and its settings."""

import contextlib
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from marsad.errors import LakeError
from marsad.lake.catalog_copy import keep_copy
from marsad.night.logs import RunLog
from marsad.objects import delete_objects, is_object, list_objects
from marsad.reference import load_rules
from marsad.settings import Settings


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run; goes to workers without its secrets.

    Attributes:
        run_id: 32 hex digits; later runs sort later.
        kind: what is run, as in `ops.runs.kind`.
        started_at: when the run began, UTC.
        settings: the settings it began with.
        parser_version: of the parser and its reference data.
    """

    run_id: str
    kind: str
    started_at: datetime
    settings: Settings
    parser_version: str

    @property
    def staging(self) -> Path:
        """Folder of what the run writes before it publishes."""
        return staging_root(self.settings) / self.run_id

    def for_workers(self) -> "RunContext":
        """Return what workers are told of the run; keys they find in their own environment."""
        return replace(self, settings=self.settings.without_secrets())

    @property
    def is_apart(self) -> bool:
        """Whether workers see no folder of this machine, but the prefix of the data."""
        settings = self.settings
        return settings.scheduler is not None and settings.place.is_remote

    @property
    def shared(self) -> str:
        """Folder, or address of a prefix, where workers write what they stage."""
        if self.is_apart:
            return self.settings.place.staging_root + self.run_id
        return str(self.staging)

    @property
    def plan_path(self) -> Path:
        """File that says which bytes belong to which chunk."""
        return self.staging / "plan.parquet"

    @property
    def docs_dir(self) -> Path:
        """Folder of Data Docs, the site that shows what the audits found."""
        return self.settings.lake / "data_docs"


def staging_root(settings: Settings) -> Path:
    """Return the folder that holds the staging folders of all runs, beside data in a folder."""
    place = settings.place
    return settings.lake / "staging" if place.is_remote else Path(place.staging_root)


def left_over(settings: Settings) -> list[str]:
    """Return the staging folders and prefixes that are there; the caller holds the writer lock.

    Raises:
        OSError: the store of the data does not answer.
    """
    root = staging_root(settings)
    found = [str(path) for path in sorted(root.iterdir())] if root.is_dir() else []
    if settings.place.is_remote:
        prefix = settings.place.staging_root
        runs = {each.uri.removeprefix(prefix).split("/")[0] for each in list_objects(prefix)}
        found += [prefix + run for run in sorted(runs)]
    return found


def remove_staging(name: str) -> None:
    """Remove a staging folder or prefix, as far as that can be done now."""
    if not is_object(name):
        shutil.rmtree(name, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        delete_objects([each.uri for each in list_objects(name)])


def new_context(settings: Settings, kind: str) -> RunContext:
    """Name a new run; touches nothing.

    Raises:
        ConfigError: the reference data, the user's own among it, is not as documented.
    """
    started_at = datetime.now(UTC)
    milliseconds = int(started_at.timestamp() * 1000)
    return RunContext(
        run_id=f"{milliseconds:012x}{secrets.token_hex(10)}",
        kind=kind,
        started_at=started_at,
        settings=settings,
        parser_version=load_rules(settings).parser_version,
    )


def open_staging(context: RunContext) -> None:
    """Make the run's staging folder, and clear away what killed runs left.

    The caller holds the writer lock, so no other run's folder is in use.

    Raises:
        LakeError: the store of the data does not answer.
    """
    try:
        for name in left_over(context.settings):
            remove_staging(name)
    except OSError as error:
        raise LakeError(f"the data of the lake cannot be reached: {error}") from error
    context.staging.mkdir(parents=True)


def close_staging(context: RunContext) -> None:
    """Remove the run's staging folder, and leave a copy of the catalog as it now is."""
    for name in {str(context.staging), context.shared}:
        remove_staging(name)
    keep_copy(context.settings.place)


class Stopwatch:
    """Seconds by stage, in the order in which the stages began."""

    def __init__(self, log: RunLog | None = None) -> None:
        """Start; the log, where there is one, hears of each stage."""
        self._log = log
        self._counts: dict[str, object] = {}
        self.seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = time.perf_counter()

    def start(self, stage: str) -> None:
        """End the stage that runs, and begin the next."""
        self.stop()
        self._stage = stage
        if self._log is not None:
            self._log.write("stage_started", {"stage": stage})

    def count(self, **counts: object) -> None:
        """Say what the stage that runs counted, for the log."""
        self._counts |= counts

    def stop(self) -> None:
        """End the stage that runs."""
        now = time.perf_counter()
        if self._stage is not None:
            spent = self.seconds.get(self._stage, 0.0) + now - self._since
            self.seconds[self._stage] = round(spent, 3)
            if self._log is not None:
                took = round(now - self._since, 3)
                facts = {"stage": self._stage, "seconds": took, **self._counts}
                self._log.write("stage_ended", facts)
        self._counts = {}
        self._stage = None
        self._since = now

"""Give up rejects that no parser will ever read, with the reason."""

from dataclasses import replace

import polars as pl

from marsad.errors import ConfigError
from marsad.lake.catalog_copy import keep_copy
from marsad.lake.connect import open_lake
from marsad.lake.lock import writer_lock
from marsad.lake.migrate import migrate
from marsad.lake.rejects import OPEN, Selection, read_rejects
from marsad.lake.rejects import waive as waive_rejects
from marsad.night.progress import report_waiting
from marsad.settings import Settings


def waive(
    settings: Settings, selection: Selection, reason: str, *, wait: bool = False
) -> pl.DataFrame:
    """Give up the open rejects of a selection; return them as they were.

    Raises:
        ConfigError: no reason is given, everything is meant, or nothing is.
        LakeError: there is no lake.
        LakeLockedError: another run is writing.
    """
    if not reason.strip():
        raise ConfigError("to give up a reject needs a reason: --reason TEXT")
    if selection.is_of_all:
        raise ConfigError("say which rejects: their ids, or --rule, --dump or --run")
    selection = replace(selection, status=OPEN)
    with open_lake(settings.place) as con:
        if not read_rejects(con, selection).height:
            raise ConfigError("no open reject is meant: `marsad rejects list` shows them")
    with writer_lock(settings.place, wait=wait, on_wait=report_waiting):
        with open_lake(settings.place, read_only=False) as con:
            migrate(con, settings.sql)
            found = read_rejects(con, selection)
            waive_rejects(con, found["reject_id"].to_list(), reason.strip())
        keep_copy(settings.place)
    return found

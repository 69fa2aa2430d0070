"""Stop a query that takes too long or too much memory, whatever it does.

DuckDB's own memory limit counts what its buffers hold, not what one function call allocates, and
it looks for an interrupt between batches of rows only. So a thread looks at the clock and at the
process; it asks first, and where asking does not help it ends the process. That costs nothing:
whoever is guarded only reads.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import duckdb

from marsad.errors import QueryError
from marsad.settings import QueryBounds

#: Seconds between two looks; memory is taken at gigabytes a second.
_PAUSE = 0.01
#: Seconds that a query has to obey an interrupt.
GRACE = 5.0
#: Memory at which a query is interrupted, and at which the process ends, as parts of the bound
#: that DuckDB itself keeps: what it does not count comes on top.
_ASK, _END = 1.25, 1.5

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Return the memory that this process holds; 0 where the system does not tell."""
    try:
        pages = int(_STATM.read_text("ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class Guard:
    """Watches one query while a `with` block runs.

    Leaving the block by the engine's interrupt raises a QueryError that says which bound was met.

    Args:
        con: the connection that runs the query.
        bounds: what the query may cost.
        spill: folder to remove should the process have to end.
        end: ends the process; tests put something milder here.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        bounds: QueryBounds,
        *,
        spill: Path | None = None,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._con = con
        self._bounds = bounds
        self._spill = spill
        self._end = end
        self._done = threading.Event()
        self._reason: str | None = None
        self._before = resident_bytes()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def __enter__(self) -> "Guard":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._reason is not None and isinstance(error, duckdb.Error):
            raise QueryError(self._reason) from error

    def _watch(self) -> None:
        began = time.monotonic()
        asked: float | None = None
        while not self._done.wait(_PAUSE):
            now = time.monotonic()
            used = (resident_bytes() - self._before) / self._bounds.memory_bytes
            if asked is None:
                if now - began > self._bounds.seconds:
                    self._reason = (
                        f"the query took more than {self._bounds.seconds:g} s and was stopped:"
                        " ask for less, or raise MARSAD_SQL_SECONDS"
                    )
                elif used > _ASK:
                    self._reason = (
                        f"the query took more than {self._bounds.memory_bytes / 1e6:,.0f} MB of"
                        " memory and was stopped: ask for less, or raise MARSAD_SQL_MEMORY_MB"
                    )
                if self._reason is not None:
                    self._con.interrupt()
                    asked = now
            elif now - asked > GRACE or used > _END:
                self._stop()
                return

    def _stop(self) -> None:
        """End the process: the query obeys nothing else."""
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)
        sys.stderr.write(f"marsad: {self._reason}\n")
        sys.stderr.flush()
        self._end(QueryError.exit_code)

"""Stop a query that takes too long or too much memory, or that a person has enough of.

DuckDB's own memory limit counts what its buffers hold, not what one function call allocates, and
it looks for an interrupt between batches of rows only. So a thread looks at the clock and at the
process; it asks first, and where asking does not help it ends the process. That costs nothing:
whoever is guarded only reads.

Python hears Ctrl-C between two of its own instructions, and a query is one call that may take
minutes. The thread hears it by the byte that the system's handler writes.
"""

import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType

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

    Leaving the block by the engine's interrupt raises a QueryError that says which bound was met,
    or KeyboardInterrupt where a person stopped it.

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
        self._is_interrupted = False
        self._signals: _Signals | None = None
        self._before = resident_bytes()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    def __enter__(self) -> "Guard":
        if threading.current_thread() is threading.main_thread():
            self._signals = _Signals(self)
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
        if self._signals is not None:
            self._signals.close()
        if self._is_interrupted:
            # What was begun works on by itself, and whoever closes the connection waits for it.
            self._con.interrupt()
            raise KeyboardInterrupt from error
        # An error that came through a stream of Arrow is no longer the engine's own.
        if self._reason is not None and isinstance(error, duckdb.Error | OSError):
            raise QueryError(self._reason) from error

    def _watch(self) -> None:
        began = time.monotonic()
        asked: float | None = None
        while not self._done.wait(_PAUSE):
            now = time.monotonic()
            used = (resident_bytes() - self._before) / self._bounds.memory_bytes
            if asked is None:
                if self._signals is not None and self._signals.heard():
                    self._is_interrupted = True
                    self._reason = "interrupted"
                elif now - began > self._bounds.seconds:
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
            else:
                # It may have been asked before its query began.
                self._con.interrupt()

    def _stop(self) -> None:
        """End the process: the query obeys nothing else."""
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)
        sys.stderr.write(f"marsad: {self._reason}\n")
        sys.stderr.flush()
        self._end(130 if self._is_interrupted else QueryError.exit_code)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Where the engine was asked to stop, its error leads out of the block, and an exception on
        # top of it would come in the middle of leaving.
        is_asked, self._is_interrupted = self._is_interrupted, True
        if not is_asked:
            raise KeyboardInterrupt


class _Signals:
    """Ctrl-C while a guard watches, for a thread that is not the main one."""

    def __init__(self, guard: Guard) -> None:
        self._heard, self._said = socket.socketpair()
        self._heard.setblocking(False)
        self._said.setblocking(False)
        self._handler = signal.getsignal(signal.SIGINT)
        self._is_ours = self._handler is signal.default_int_handler
        if self._is_ours:
            # Where somebody else listens, or nobody should, it stays so.
            signal.signal(signal.SIGINT, guard._on_signal)
        self._fd = signal.set_wakeup_fd(self._said.fileno(), warn_on_full_buffer=False)

    def heard(self) -> bool:
        """Whether Ctrl-C was pressed."""
        try:
            return self._is_ours and signal.SIGINT in self._heard.recv(64)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Leave signals as they were."""
        signal.set_wakeup_fd(self._fd)
        if self._is_ours:
            signal.signal(signal.SIGINT, self._handler)
        self._heard.close()
        self._said.close()

"""Progress of a run, from the stages to whoever watches: a terminal, or nobody."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One piece of news.

    Attributes:
        stage: the stage that speaks.
        n_bytes: bytes of input done so far, in stages that read input.
        n_records: records read so far, in stages that read records.
        steps: steps done so far, in other stages.
        n_steps: what `steps` will be at the end.
    """

    stage: str
    n_bytes: int = 0
    n_records: int = 0
    steps: int = 0
    n_steps: int = 0


Listener = Callable[[Progress], None]


class _Watch:
    """The listener of this process; there is one terminal at most."""

    def __init__(self) -> None:
        self.listener: Listener | None = None


_watch = _Watch()


def listen(listener: Listener | None) -> None:
    """Let `listener` hear of progress in this process; None ends that."""
    _watch.listener = listener


def report(progress: Progress) -> None:
    """Tell the listener, where there is one."""
    if _watch.listener is not None:
        _watch.listener(progress)


def report_waiting() -> None:
    """Tell that this run waits for another one to end."""
    report(Progress("wait"))

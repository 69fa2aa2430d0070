"""The summary of a run: what was new, what was rejected and why, what was published."""

from dataclasses import asdict, dataclass, field
from typing import ClassVar

from marsad.errors import MarsadError

PUBLISHED = "published"
NOTHING_NEW = "nothing_new"
BLOCKED = "blocked"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DumpCounts:
    """Dumps of a run: read and published, known already, and unreadable."""

    new: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did; the counts are of what was published.

    Attributes:
        status: `published`, `nothing_new`, `blocked` or `failed`.
        kind: what was run, as in `ops.runs.kind`.
        seconds: wall-clock seconds by stage.
        error: why the run was blocked or failed, one line.
        causes: the same as names: of the rules that blocked it, or of the error.
        problems: one line for each dump that could not be read.
        rejects_by_rule: rejected records by rule, most first.
        warnings: one line for each expectation of severity warning that failed.
        docs: page of the Data Docs, where the audit ran.
        published_file: the file that readers open, where it was built anew.
        report: the page on the night, where it was written anew.
    """

    run_id: str
    status: str
    kind: str = "nightly"
    snapshot_id: int | None = None
    n_dumps: DumpCounts = field(default_factory=DumpCounts)
    n_records: int = 0
    n_articles_new: int = 0
    n_sightings: int = 0
    n_related_links: int = 0
    n_article_keywords: int = 0
    n_rejects: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    causes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    rejects_by_rule: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()
    docs: str | None = None
    published_file: str | None = None
    report: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the run ended as it should: published, or nothing to do."""
        return self.status in (PUBLISHED, NOTHING_NEW)

    def as_json(self) -> dict[str, object]:
        """Return the summary as plain values, the keys that scripts read first."""
        return asdict(self)


class RunEndedBadlyError(MarsadError):
    """A run was blocked or failed; the warehouse is as it was.

    Attributes:
        summary: what happened.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, summary: RunSummary) -> None:
        self.summary = summary
        super().__init__(f"{summary.status}: {summary.error}")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by facts."""
        return (RunEndedBadlyError, (self.summary,))

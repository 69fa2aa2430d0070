"""The run's log for machines: one JSON object a line on standard error, where it is asked for.

It has names, counts and seconds, and no free text: lines of errors and audits may quote pages.
`ops.runs` and the summary have those.
"""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from marsad.night.summary import RunSummary


class RunLog:
    """Says what a run does as it does it."""

    def __init__(self, run_id: str, kind: str, *, is_on: bool) -> None:
        """Name the run; a log that is off says nothing."""
        self._run = {"run_id": run_id, "kind": kind}
        self._is_on = is_on

    def write(
        self, event: str, facts: Mapping[str, object] | None = None, *, level: str = "info"
    ) -> None:
        """Write one line: when, what, of which run, and the facts."""
        if not self._is_on:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "level": level, "event": event, **self._run, **(facts or {})}
        # Whatever a name holds, the line is one line of ASCII.
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()

    def end(self, summary: RunSummary) -> None:
        """Write how the run ended."""
        facts = {
            "status": summary.status,
            "causes": summary.causes,
            "snapshot_id": summary.snapshot_id,
            "n_dumps_new": summary.n_dumps.new,
            "n_dumps_skipped": summary.n_dumps.skipped,
            "n_dumps_failed": summary.n_dumps.failed,
            "n_records": summary.n_records,
            "n_articles_new": summary.n_articles_new,
            "n_sightings": summary.n_sightings,
            "n_related_links": summary.n_related_links,
            "n_article_keywords": summary.n_article_keywords,
            "n_rejects": summary.n_rejects,
            "rejects_by_rule": dict(summary.rejects_by_rule),
            "n_warnings": len(summary.warnings),
            "seconds": round(sum(summary.seconds.values()), 3),
        }
        self.write("run_ended", facts, level="info" if summary.is_good else "error")

"""Tell a chat how a run ended, by a webhook, when somebody should know.

The message is what Slack and Mattermost both show well: a `text` and one attachment. Nothing here
fails a run, or keeps it for more than a few seconds; the address is a secret and never said.
"""

import json
import threading
from dataclasses import replace
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from marsad.lake.connect import lake_exists, open_lake
from marsad.lake.escape import literal
from marsad.night.summary import BLOCKED, FAILED, NOTHING_NEW, PUBLISHED, RunSummary
from marsad.settings import Settings

#: Seconds that the other side has for everything, a name's look-up among it.
PATIENCE: Final = 5.0
#: Lines of one kind that a message holds, and characters of one line.
_LINES, _CHARS = 8, 400

WARNED, RECOVERED = "warned", "recovered"
_HEADS: Final = {
    BLOCKED: (":red_circle:", "was blocked by the audit: nothing was published", "danger"),
    FAILED: (":red_circle:", "failed: nothing was published", "danger"),
    WARNED: (":warning:", "was published, with warnings", "warning"),
    RECOVERED: (":large_green_circle:", "was published: all is well again", "good"),
}


def tell(settings: Settings, summary: RunSummary) -> RunSummary:
    """Tell, where a webhook is set and there is something to tell; return the summary.

    A message that cannot be delivered becomes a warning of the summary.
    """
    if settings.webhook_url is None:
        return summary
    what = occasion(summary, was_bad=_was_bad(settings, summary.run_id))
    if what is None:
        return summary
    problem = post(settings.webhook_url, message(summary, what, str(settings.place)))
    if problem is None:
        return summary
    return replace(summary, warnings=(*summary.warnings, f"webhook: nobody was told: {problem}"))


def occasion(summary: RunSummary, *, was_bad: bool) -> str | None:
    """Return why somebody should hear of this run; null where nobody has to.

    Args:
        summary: how it ended.
        was_bad: whether the run before it was blocked or failed.
    """
    if summary.status in (BLOCKED, FAILED):
        return summary.status
    if summary.status == PUBLISHED and (summary.warnings or summary.problems):
        return WARNED
    return RECOVERED if was_bad and summary.status == PUBLISHED else None


def _was_bad(settings: Settings, run_id: str) -> bool:
    """Whether the last run before this one that did anything was blocked or failed."""
    try:
        if not lake_exists(settings.place):
            return False
        with open_lake(settings.place) as con:
            row = con.execute(
                f"select status from ops.runs where run_id < {literal(run_id)}"
                f" and status <> '{NOTHING_NEW}' order by run_id desc limit 1"
            ).fetchone()
    except Exception:  # noqa: BLE001 - a lake that cannot be read is told of by its run
        return False
    return row is not None and row[0] in (BLOCKED, FAILED)


def message(summary: RunSummary, what: str, lake: str) -> dict[str, Any]:
    """Return the message about a run.

    What comes from outside (errors, names of files and publishers) stands in blocks of code only,
    where it can neither be markup nor call anybody.

    Args:
        summary: how it ended.
        what: the occasion.
        lake: where its warehouse is.
    """
    mark, says, colour = _HEADS[what]
    head = f"Marsad: the {summary.kind} run {says}"
    notes = [summary.error] if summary.error else []
    notes += [*summary.warnings[:_LINES], *summary.problems[:_LINES]]
    n_more = len(summary.warnings[_LINES:]) + len(summary.problems[_LINES:])
    if n_more:
        notes.append(f"… and {n_more} more")
    figures = {
        "run": summary.run_id[:12],
        "dumps": f"{summary.n_dumps.new} new, {summary.n_dumps.failed} unreadable",
        "records": f"{summary.n_records:,}",
        "rejects": f"{summary.n_rejects:,}",
        "new articles": f"{summary.n_articles_new:,}",
    }
    attachment = {
        "fallback": head,
        "color": colour,
        "text": "\n".join(_code(note) for note in (*notes, f"warehouse {lake}")),
        "fields": [
            {"title": title, "value": value, "short": True} for title, value in figures.items()
        ],
    }
    return {"text": f"{mark} {head}", "attachments": [attachment]}


#: Control characters, and whatever ends a block of code, or is markup within one.
_HARMLESS: Final = {
    **{code: " " for code in (*range(32), *range(127, 160), 0x2028, 0x2029)},
    # Marks that turn the direction of text, and with it what a line seems to say.
    **{code: None for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    ord("`"): "'",
    ord("<"): "‹",
    ord(">"): "›",
}


def _code(text: str) -> str:
    """Return text from outside as one block of code."""
    line = text.translate(_HARMLESS).strip()
    if len(line) > _CHARS:
        line = line[: _CHARS - 1] + "…"
    return f"```{line}```"


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: the message is for the address that was given."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Return nothing, which makes the answer an error."""


def post(url: str, body: dict[str, Any], *, patience: float = PATIENCE) -> str | None:
    """Send a message.

    Args:
        url: the secret address.
        body: what to send, as JSON.
        patience: seconds after which it is given up.

    Returns:
        What went wrong, without the address; null when the message was taken.
    """
    said: list[str | None] = []
    # A time-out of the socket's would not bound the look-up of a name, nor an answer in drops.
    thread = threading.Thread(
        target=lambda: said.append(_post(url, body, patience)), name="webhook", daemon=True
    )
    thread.start()
    thread.join(patience)
    return said[0] if said else f"no answer in {patience:g} s"


def _post(url: str, body: dict[str, Any], patience: float) -> str | None:
    try:
        request = Request(
            url,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "User-Agent": "marsad"},
        )
        with build_opener(_StayHere).open(request, timeout=patience):
            return None
    except HTTPError as error:
        error.close()
        return f"it answers with {error.code}"
    except TimeoutError:
        return f"no answer in {patience:g} s"
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            return f"no answer in {patience:g} s"
        # Its own text may hold the address, or what a server wrote.
        return f"it cannot be reached ({type(error.reason).__name__})"
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is over and recorded
        return f"it cannot be reached ({type(error).__name__})"

"""The webhook, on a real HTTP server: who is told what, and what a bad server cannot do."""

import json
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from lake_nights import Page, publish_pages
from webhook_server import SECRET, Answer, server

from marsad.errors import ConfigError, LakeError
from marsad.lake.connect import open_lake
from marsad.night.context import RunContext, Stopwatch
from marsad.night.summary import DumpCounts, RunSummary
from marsad.night.telling import message, occasion, post, tell
from marsad.night.whole import run_whole
from marsad.settings import load_settings


def summary(status: str = "published", **more: Any) -> RunSummary:
    return RunSummary("01a2" + "0" * 28, status, **more)


@pytest.mark.parametrize(
    ("ended", "was_bad", "expected"),
    [
        pytest.param(summary("blocked"), False, "blocked", id="blocked"),
        pytest.param(summary("failed"), True, "failed", id="failed again"),
        pytest.param(summary(warnings=("w",)), True, "warned", id="warned"),
        pytest.param(summary(problems=("p",)), False, "warned", id="a dump is unreadable"),
        pytest.param(summary(), True, "recovered", id="the first good night"),
        pytest.param(summary(), False, None, id="a good night among others"),
        pytest.param(summary("nothing_new"), True, None, id="nothing new mends nothing"),
    ],
)
def test_who_has_to_hear_of_a_run(ended: RunSummary, was_bad: bool, expected: str | None) -> None:
    assert occasion(ended, was_bad=was_bad) == expected


def test_every_run_ends_alike_and_the_first_good_one_after_a_bad_one_is_told(
    tmp_path: Path,
) -> None:
    lake = tmp_path / "lake"
    publish_pages(lake, [Page("a")], "0")

    def ends_as(*notes: str, error: Exception | None = None) -> Callable[..., RunSummary]:
        def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
            watch.start("work")
            if error is not None:
                raise error
            # A publication writes its row itself.
            with open_lake(lake, read_only=False) as con:
                con.execute(
                    "insert into lake.ops.runs by name"
                    f" select '{context.run_id}' as run_id, 'published' as status"
                )
            return RunSummary(context.run_id, "published", kind=context.kind, warnings=notes)

        return stages

    with server() as (url, got):
        settings = load_settings(lake=lake, workers=1, environ={"MARSAD_WEBHOOK_URL": url})
        run_whole(settings, "nightly", ends_as())
        assert got == []
        failed = run_whole(settings, "backfill", ends_as(error=LakeError("the disk is full")))
        assert (failed.status, failed.causes) == ("failed", ("LakeError",))
        run_whole(settings, "replay", ends_as())
        run_whole(settings, "relearn", ends_as("volume_high: much"))
        run_whole(settings, "nightly", ends_as())
    assert {path for path, _ in got} == {f"/{SECRET}"}
    assert [body["text"] for _, body in got] == [
        ":red_circle: Marsad: the backfill run failed: nothing was published",
        ":large_green_circle: Marsad: the replay run was published: all is well again",
        ":warning: Marsad: the relearn run was published, with warnings",
    ]
    told = [body["attachments"][0] for _, body in got]
    assert [each["color"] for each in told] == ["danger", "good", "warning"]
    assert "```the disk is full```" in told[0]["text"]
    assert "```volume_high: much```" in told[2]["text"]
    assert {"title": "run", "value": failed.run_id[:12], "short": True} in told[0]["fields"]


def test_a_run_that_cannot_begin_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "labels.csv").write_text("no,such\n", encoding="utf-8")

    def never(context: RunContext, watch: Stopwatch) -> RunSummary:
        raise AssertionError("a run with broken reference data began")

    with server() as (url, got):
        environ = {"MARSAD_WEBHOOK_URL": url, "MARSAD_REFERENCE": str(own)}
        settings = load_settings(lake=tmp_path / "lake", environ=environ)
        with pytest.raises(ConfigError):
            run_whole(settings, "nightly", never)
    assert "no column" in got[0][1]["attachments"][0]["text"]


def test_what_comes_from_outside_is_neither_markup_nor_a_call() -> None:
    hostile = (
        "```\n<!channel> <https://evil.example|click> @all *bold* `code`"
        " \x1b[31m \u202e gnp.exe <script>alert(1)</script>" + "x" * 5000
    )
    body = message(
        summary("blocked", error=hostile, warnings=(hostile,) * 20, problems=("a\u2028b",)),
        "blocked",
        "/lake/`<@U1>`",
    )
    (attachment,) = body["attachments"]
    assert hostile[:10] not in json.dumps([body["text"], attachment["fallback"]])
    lines = attachment["text"].split("\n")
    assert all(line.startswith("```") and line.endswith("```") for line in lines)
    for line in lines:
        inside = line[3:-3]
        assert inside
        assert not set(inside) & set("`<>\x1b\u202e\u2028\n\r")
        assert len(inside) <= 400
    assert "… and 12 more" in attachment["text"]
    assert len(json.dumps(body)) < 40_000


def _answers(code: int, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code, "<b>hostile</b>")
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    return answer


def _never(request: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def _drips(request: BaseHTTPRequestHandler) -> None:
    for _ in range(30):
        try:
            request.wfile.write(b"H")
            request.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(_answers(500), "it answers with 500", id="500"),
        pytest.param(_answers(404), "it answers with 404", id="404"),
        pytest.param(_answers(302, Location="/other"), "it answers with 302", id="redirect"),
        pytest.param(_answers(307, Location="/other"), "it answers with 307", id="redirect 307"),
        pytest.param(_never, "no answer in 0.5 s", id="silence"),
        pytest.param(_drips, "no answer in 0.5 s", id="drops"),
    ],
)
def test_a_bad_server_costs_seconds_and_fails_nothing(answer: Answer, said: str) -> None:
    with server(answer) as (url, got):
        began = time.monotonic()
        assert post(url, {"text": "t"}, patience=0.5) == said
        assert time.monotonic() - began < 2
        # No redirect is followed: the message is for the address that was given.
        assert [path for path, _ in got] == [f"/{SECRET}"]


def test_nobody_there_is_a_warning_and_the_address_is_never_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"
    settings = load_settings(
        lake=tmp_path / "lake",
        environ={"MARSAD_WEBHOOK_URL": url, "MARSAD_LOG_FORMAT": "json"},
    )
    ended = tell(settings, summary("failed", error="e", n_dumps=DumpCounts(failed=1)))
    assert ended.warnings == (
        "webhook: nobody was told: it cannot be reached (ConnectionRefusedError)",
    )

    def stages(context: RunContext, watch: Stopwatch) -> RunSummary:
        raise LakeError("broken")

    done = run_whole(settings, "nightly", stages)
    for url in ("http://no-such-host.invalid/" + SECRET, "http://[broken/" + SECRET):
        assert SECRET not in str(post(url, {}, patience=5))
    said = "".join(capfd.readouterr())
    for text in (said, repr(settings), repr(ended), json.dumps(done.as_json())):
        assert SECRET not in text

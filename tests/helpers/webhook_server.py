"""A real HTTP server on loopback that takes what a webhook posts."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What an address holds that nobody may be told.
SECRET = "T0/B0/verysecret"

Answer = Callable[[BaseHTTPRequestHandler], None]


def _taken(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()


@contextmanager
def server(answer: Answer = _taken) -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """A server on loopback; gives its secret address, and what was posted (path, JSON)."""
    got: list[tuple[str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/json"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, json.loads(body)))
            answer(self)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.server_address[1]}/{SECRET}", got
    finally:
        listener.shutdown()
        listener.server_close()

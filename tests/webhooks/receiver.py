"""A system that receives messages, on loopback: it notes what comes, and answers as the test says."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    # What to answer to the next messages: a status, or what to do first; 204 when nothing is said.
    answers: list[int | Callable[[], int]] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.got]


@contextmanager
def receiver(certified: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    this = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            this.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = this.answers.pop(0) if this.answers else 204
            status = answer if isinstance(answer, int) else answer()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{this.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test says what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]  # who sends may hang up at any time
    if certified:
        server.socket = certified.wrap_socket(server.socket, server_side=True)
    this.url = f"http://127.0.0.1:{server.server_port}/hooks/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield this
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

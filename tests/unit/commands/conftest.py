"""A service that gives the answers it was told to give, and remembers what it was asked: for the commands alone."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer import testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from infra.local.__main__ import app
from infra.local.keys import make_tokens
from infra.local.ports import HOST

CONSORTIA = get_command(app)


class Membership:
    """``answers``: by method and path; ``asked``: method, path, query and body of each request; ``tokens``: of each.

    A problem document is answered with the status that it names.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.tokens: list[str] = []
        self.server = ThreadingHTTPServer((HOST, 0), self._handler())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                path = asked.path.removeprefix("/api/v1")
                service.tokens.append(str(self.headers["Authorization"]).removeprefix("Bearer "))
                service.asked.append((f"{self.command} {path}", asked.query, self.body()))
                found = service.answers.get(f"{self.command} {path}")
                said = json.dumps({"detail": f"nobody expected {path}"} if found is None else found).encode()
                problem = isinstance(found, dict) and str(found.get("type", "")).startswith(("urn:", "about:"))
                self.send_response(404 if found is None else found["status"] if problem else 200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_GET

            def body(self) -> Any:
                """What was sent; of a file, which comes in pieces, its text."""
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
                pieces = b""
                while size := int(self.rfile.readline(), 16):
                    pieces += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return pieces.decode()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture
def membership() -> Iterator[Membership]:
    service = Membership()
    thread = threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


Run = Callable[..., Result]


@pytest.fixture
def run(membership: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The `consortia` command, with that service as the whole stack."""
    monkeypatch.setattr(
        testing, "_get_command", lambda _: CONSORTIA
    )  # put together once, and not for each that is typed
    (tmp_path / "run").mkdir()
    stack = {"port_base": membership.server.server_port - 1, "services": ["membership"], "test_clock": False}
    (tmp_path / "run" / "stack.json").write_text(json.dumps(stack))
    make_tokens(tmp_path, ["937", "801"], ["finance"])

    def command(*arguments: str, **env: str) -> Result:
        known = {"CONSORTIA_DATA": str(tmp_path), "COLUMNS": "200", "CONSORTIA_OFFICER": None}
        return CliRunner().invoke(app, list(arguments), env=known | env)

    return command

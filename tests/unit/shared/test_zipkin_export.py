"""Spans reach a tracing dashboard as Zipkin's JSON, with their nesting, on a real HTTP receiver."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shared.telemetry import configure_tracing, shut_down_tracing, step, story


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    received: list[dict[str, Any]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v2/spans", received
    server.shutdown()
    server.server_close()


def test_a_story_and_its_step_arrive_nested_and_named_after_the_service(
    receiver: tuple[str, list[dict[str, Any]]],
):
    address, received = receiver
    configure_tracing("membership", exporter="zipkin", zipkin_endpoint=address)
    with story("outcome.recorded") as begun, step("representation.reassign", cause=begun):
        pass
    shut_down_tracing()
    spans = {span["name"]: span for span in received}
    assert spans["representation.reassign"]["parentId"] == spans["outcome.recorded"]["id"]
    assert {span["localEndpoint"]["serviceName"] for span in received} == {"membership"}
    assert {span["tags"]["correlationid"] for span in received} == {str(begun.correlation_id)}


def test_a_dashboard_that_is_away_disturbs_nobody():
    configure_tracing("membership", exporter="zipkin", zipkin_endpoint="http://127.0.0.1:9/api/v2/spans")
    with story("outcome.recorded"):
        pass
    shut_down_tracing()

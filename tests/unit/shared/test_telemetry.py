"""One story is one trace; what isn't sampled makes no span; spans hold ids, never what an error says (D3.12)."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stdout
from uuid import UUID

import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import telemetry
from shared.logs import configure_logging
from shared.messaging.cause import Cause
from shared.telemetry import UnknownExporter, batch_span, configure_tracing, shut_down_tracing, step, story


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    configure_tracing("membership", processor=SimpleSpanProcessor(exporter), always_urns=["990017"], import_ratio=0.0)
    yield exporter
    shut_down_tracing()


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_chain_across_services_nests(spans: InMemorySpanExporter):
    """Each cause is all that the next service gets, as after outbox and broker."""
    with story("outcome.recorded", urn="990017") as first:
        pass
    with step("representation.reassign", cause=first) as second:
        pass
    with step("agenda-item.place", cause=second):
        pass
    found = named(spans)
    parents = {name: span.parent.span_id if span.parent else None for name, span in found.items()}
    own = {name: span.context.span_id for name, span in found.items() if span.context}
    assert parents["outcome.recorded"] is None
    assert parents["representation.reassign"] == own["outcome.recorded"]
    assert parents["agenda-item.place"] == own["representation.reassign"]
    assert len({span.context.trace_id for span in found.values() if span.context}) == 1


def test_two_stories_begun_in_one_request_are_two_traces(spans: InMemorySpanExporter):
    with (
        story("POST /outcomes") as request,
        story("outcome", part_of=request, urn="990017") as first,
        story("outcome 2", part_of=request) as second,
    ):
        pass
    found = named(spans)
    assert found["outcome"].parent is None
    assert [link.context.span_id for link in found["outcome"].links] == [found["POST /outcomes"].context.span_id]
    assert len({request.correlation_id, first.correlation_id, second.correlation_id}) == 3


def test_steps_keep_the_correlation_and_the_causation(spans: InMemorySpanExporter):
    batch = UUID(int=7)
    event = UUID(int=9)
    with story("import.row", import_row=True, batch_id=batch, urn="990017") as begun:
        cause = Cause(begun.correlation_id, event, begun.traceparent, batch)
    with step("category.change", cause=cause) as within:
        assert (within.correlation_id, within.causation_id, within.batch_id) == (begun.correlation_id, event, batch)
        assert within.traceparent != begun.traceparent


def test_rows_of_an_import_are_not_traced_but_for_the_schools_asked_for(spans: InMemorySpanExporter):
    with story("import.row", import_row=True, urn="990031") as unsampled:
        assert unsampled.traceparent is None
    with story("import.row", import_row=True, urn="990017") as sampled:
        assert sampled.traceparent
    assert len(spans.get_finished_spans()) == 1


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "nonsense-01",
    ],
)
def test_what_is_not_sampled_makes_no_tracing_call(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, traceparent: str | None
):
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a tracing call for a story that is not sampled")

    monkeypatch.setattr(telemetry, "_span", forbidden)
    cause = Cause(UUID(int=1), UUID(int=2), traceparent)
    with step("quiet", cause=cause) as within, batch_span("relay.send", [traceparent]):
        assert within == cause


def test_a_batch_is_one_span_linked_to_each_story_in_it(spans: InMemorySpanExporter):
    with story("one") as one, story("two") as two:
        pass
    with batch_span("relay.send", [one.traceparent, None, two.traceparent], records=3):
        pass
    sent = named(spans)["relay.send"]
    assert sent.parent is None
    assert len(sent.links) == 2


def test_a_span_says_which_error_it_was_and_not_what_the_error_says(spans: InMemorySpanExporter):
    with pytest.raises(ValueError), story("refused"):
        raise ValueError("Jane Example of Larkfield")
    span = named(spans)["refused"]
    assert not span.status.is_ok
    assert dict(span.attributes or {})["error.type"] == "ValueError"
    assert "Jane" not in span.to_json()


def test_without_an_exporter_a_story_still_has_its_correlation_id():
    shut_down_tracing()
    with story("quiet") as begun:
        assert begun.correlation_id
        assert begun.traceparent is None


def test_an_exporter_that_does_not_exist_is_refused_by_name():
    with pytest.raises(UnknownExporter, match="jaeger"):
        configure_tracing("membership", exporter="jaeger")


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    written = io.StringIO()
    with redirect_stdout(written):
        configure_logging("meetings")
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_of_the_log_names_its_story_and_trace(spans: InMemorySpanExporter, log_lines: io.StringIO):
    with story("outcome") as begun:
        structlog.get_logger("x").info("agenda.placed", urn="990017")
        logging.getLogger("uvicorn.error").warning("from the %s", "library")
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    for line in lines:
        assert line["service"] == "meetings"
        assert line["correlation_id"] == str(begun.correlation_id)
        assert line["trace_id"] in str(begun.traceparent)
    assert [line["event"] for line in lines] == ["agenda.placed", "from the library"]


def test_a_line_of_the_log_never_quotes_the_values_of_a_statement(log_lines: io.StringIO):
    from sqlalchemy.exc import IntegrityError

    error = IntegrityError("insert into person values (%s)", ("Jane Example",), Exception("Key (name)=(Jane Example)"))
    structlog.get_logger("x").error("request.failed", exc_info=error)
    assert "Jane" not in log_lines.getvalue()
    assert json.loads(log_lines.getvalue())["error"] == "IntegrityError"

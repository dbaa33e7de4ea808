"""One story is one trace; what isn't sampled makes no span; spans hold ids, never what an error says (D3.12)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import telemetry
from shared.messaging.cause import Cause
from shared.telemetry import UnknownExporter, batch_span, configure_tracing, shut_down_tracing, step, story


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    configure_tracing("membership", processor=SimpleSpanProcessor(exporter), import_ratio=0.0)
    yield exporter
    shut_down_tracing()


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_chain_across_services_nests(spans: InMemorySpanExporter):
    """Each cause is all that the next service gets, as after outbox and broker."""
    with story("outcome.recorded") as first:
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
        story("outcome", part_of=request) as first,
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
    with story("import.row", batch_id=batch) as begun:
        cause = Cause(begun.correlation_id, event, begun.traceparent, batch)
    with step("category.change", cause=cause) as within:
        assert (within.correlation_id, within.causation_id, within.batch_id) == (begun.correlation_id, event, batch)
        assert within.traceparent != begun.traceparent


def test_of_the_rows_of_an_import_as_many_are_traced_as_was_asked_for(spans: InMemorySpanExporter):
    with story("import.row", import_row=True) as unsampled:
        assert unsampled.traceparent is None
    assert spans.get_finished_spans() == ()
    every = InMemorySpanExporter()
    configure_tracing("membership", processor=SimpleSpanProcessor(every), import_ratio=1.0)
    with story("import.row", import_row=True) as sampled:
        assert sampled.traceparent
    assert len(every.get_finished_spans()) == 1


def test_there_is_no_way_to_say_in_a_span_whom_it_is_about(spans: InMemorySpanExporter):
    """R0.8, N-04: decision 26"""
    said: dict[str, Any] = {"urn": "990017"}
    for begin in (
        lambda: story("outcome", **said),
        lambda: step("category.change", cause=Cause.story(), **said),
        lambda: batch_span("relay.send", [], records=1, **said),
    ):
        with pytest.raises(TypeError, match="urn"), begin():
            pass
    assert spans.get_finished_spans() == ()


def test_a_span_names_the_event_that_is_read_and_the_department_that_is_informed(spans: InMemorySpanExporter):
    """So that the ops team finds the record: N-04."""
    with story("outcome") as begun, step("receive", cause=begun, event_id=UUID(int=9), department="finance"):
        pass
    assert dict(named(spans)["receive"].attributes or {}) == {
        "correlationid": str(begun.correlation_id),
        "eventid": str(UUID(int=9)),
        "department": "finance",
    }


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
    with step("quiet", cause=cause) as within, batch_span("relay.send", [traceparent], records=1):
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

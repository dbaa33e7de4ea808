"""Traces: one story a fact, one span a business step, and nothing at all for what isn't sampled.

The context of a story rides in its `Cause`, through the outbox row and the headers of the record, so that a step taken
in another service is a child of the step that recorded the event (D3.12).

The ops team reads all of it, and may not know whom a restricted change is about (R0.8). So a span has no room for it: what
may be said of a story or a step are the parameters below, all of them ids that mean nothing elsewhere or names of ours.
Never a school, a body, a person, a key, free text or the message of an exception (docs/decisions/0026).
"""

import contextlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, StatusCode, TraceFlags, Tracer

from shared.messaging.cause import Cause, new_id

IMPORT_ROWS_SAMPLED = 0.01

_NO_CONTEXT = Context()
# A context with the flag "sampled"; other flags (random ids) may ride with it.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f][13579bdf]")


class UnknownExporter(Exception):
    def __init__(self, name: str):
        super().__init__(f'OTEL_TRACES_EXPORTER is "{name}". Set it to zipkin, otlp or none.')


class _Tracing:
    """What this process does with traces: nothing until `configure_tracing` says otherwise."""

    tracer: Tracer | None = None
    provider: TracerProvider | None = None
    import_ratio: float = IMPORT_ROWS_SAMPLED


_tracing = _Tracing()
_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause | None:
    """The story that is being worked on, for the lines of the log."""
    return _current.get()


def configure_tracing(
    service: str,
    *,
    exporter: str = "none",
    zipkin_endpoint: str | None = None,
    processor: SpanProcessor | None = None,
    import_ratio: float = IMPORT_ROWS_SAMPLED,
) -> None:
    """Start tracing in this process."""
    shut_down_tracing()
    if processor is None:
        spans = _exporter(exporter, zipkin_endpoint)
        if spans is None:
            return
        # A short delay, so that somebody who follows a change sees its trace at once.
        processor = BatchSpanProcessor(spans, schedule_delay_millis=500)
    provider = TracerProvider(
        resource=Resource.create({"service.name": service}),
        sampler=ParentBased(root=ALWAYS_ON),  # whether a story is sampled was decided when it began
    )
    provider.add_span_processor(processor)
    _tracing.provider = provider
    _tracing.tracer = provider.get_tracer("consortia")
    _tracing.import_ratio = import_ratio


def shut_down_tracing() -> None:
    """Send what is waiting and stop."""
    if _tracing.provider is not None:
        _tracing.provider.shutdown()
    _tracing.provider = _tracing.tracer = None


def _exporter(name: str, zipkin_endpoint: str | None) -> SpanExporter | None:
    if name == "none":
        return None
    if name == "zipkin":
        from opentelemetry.exporter.zipkin.json import ZipkinExporter

        return ZipkinExporter(endpoint=zipkin_endpoint, timeout=5)
    if name == "otlp":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter()
    raise UnknownExporter(name)


@contextlib.contextmanager
def story(
    name: str,
    *,
    import_row: bool = False,
    batch_id: UUID | None = None,
    part_of: Cause | None = None,
    correlation_id: UUID | None = None,
) -> Iterator[Cause]:
    """Begin a story: a correlation id of its own and, if sampled, a root span.

    People's actions are always sampled, rows of an import one in a hundred. `part_of` is the import or request that
    brought the fact: linked, not parent.
    """
    correlation = correlation_id or new_id()
    tracer = _tracing.tracer
    if tracer is None or (import_row and not _row_is_sampled()):
        with _working_on(Cause(correlation, None, None, batch_id)) as cause:
            yield cause
        return
    links = _links([part_of.traceparent] if part_of else [])
    attributes = {"correlationid": str(correlation)} | ({} if batch_id is None else {"batchid": str(batch_id)})
    with (
        _span(tracer, name, _NO_CONTEXT, attributes, links=links) as span,
        _working_on(Cause(correlation, None, traceparent_of(span), batch_id)) as cause,
    ):
        yield cause


@contextlib.contextmanager
def step(name: str, *, cause: Cause, event_id: UUID | None = None, department: str | None = None) -> Iterator[Cause]:
    """A business step as a child of its cause. Makes no tracing call when the story isn't sampled.

    `event_id` is of the event that is read; `department` of the council is informed.
    """
    tracer = _tracing.tracer
    if tracer is None or not is_sampled(cause.traceparent):
        with _working_on(cause):
            yield cause
        return
    parent = trace.set_span_in_context(NonRecordingSpan(_context_of(cause.traceparent)), _NO_CONTEXT)
    attributes = {"correlationid": str(cause.correlation_id)}
    if event_id is not None:
        attributes["eventid"] = str(event_id)
    if department is not None:
        attributes["department"] = department
    with (
        _span(tracer, name, parent, attributes) as span,
        _working_on(replace(cause, traceparent=traceparent_of(span))) as inner,
    ):
        yield inner


@contextlib.contextmanager
def batch_span(name: str, links: Iterable[str | None], *, records: int) -> Iterator[None]:
    """One span for a batch of the relay or the consumer, linked to the stories in it; none if no story is sampled."""
    tracer = _tracing.tracer
    sampled = _links(links) if tracer is not None else []
    if tracer is None or not sampled:
        yield
        return
    with _span(tracer, name, _NO_CONTEXT, {"records": records, "links": len(sampled)}, links=sampled):
        yield


def is_sampled(traceparent: str | None) -> bool:
    """Whether the story is traced. What isn't a trace context at all is not."""
    return traceparent is not None and _TRACEPARENT.fullmatch(traceparent) is not None


def traceparent_of(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


@contextlib.contextmanager
def _working_on(cause: Cause) -> Iterator[Cause]:
    before = _current.get()
    _current.set(cause)
    try:
        yield cause
    finally:
        _current.set(before)


def _row_is_sampled() -> bool:
    return random.random() < _tracing.import_ratio


def _context_of(traceparent: str | None) -> SpanContext:
    assert traceparent is not None
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _links(traceparents: Iterable[str | None]) -> list[Link]:
    return [Link(_context_of(each)) for each in traceparents if is_sampled(each)]


@contextlib.contextmanager
def _span(
    tracer: Tracer,
    name: str,
    context: Context,
    attributes: Mapping[str, str | int],
    *,
    links: list[Link] | None = None,
) -> Iterator[Span]:
    with tracer.start_as_current_span(
        name,
        context=context,
        attributes=attributes,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as problem:
            # The class only: the sentence of a refusal may name a school or a person.
            span.set_attribute("error.type", type(problem).__name__)
            span.set_status(StatusCode.ERROR)
            raise

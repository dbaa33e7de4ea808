"""Our ten lines of CloudEvents against the library: what we write it reads, what it writes we read (D3.5)."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.asyncapi import envelope_example
from shared.contracts.envelope import BrokenEnvelope, Envelope, pack, read_envelope, unpack
from shared.contracts.registry import Sensitivity, all_event_types

FULL = Envelope(
    id=UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2101"),
    source="/consortia/membership",
    type="consortia.membership.la-category.set.v1",
    subject="990017",
    time=datetime(2026, 2, 3, 10, 15, 0, 123456, tzinfo=UTC),
    epoch=1,
    sequence=7,
    correlation_id=UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2201"),
    causation_id=UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2301"),
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    sensitivity=Sensitivity.RESTRICTED,
    told=False,
    batch_id=UUID("019a8f00-6b1e-7c3a-9d52-4f0e8a7c2401"),
)

SHORTEST = replace(FULL, causation_id=None, traceparent=None, batch_id=None)
KEY = b"937/school/990017"

envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    source=st.sampled_from(["/consortia/membership", "/consortia/funding"]),
    type=st.sampled_from([kind.name for kind in all_event_types()]),
    subject=st.from_regex(r"[A-Za-z0-9-]{1,40}", fullmatch=True),
    time=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    epoch=st.integers(1, 99),
    sequence=st.integers(1, 2**40),
    correlation_id=st.uuids(),
    causation_id=st.none() | st.uuids(),
    traceparent=st.none() | st.just(FULL.traceparent),
    sensitivity=st.sampled_from(list(Sensitivity)),
    told=st.booleans(),
    batch_id=st.none() | st.uuids(),
)


def as_bytes(envelope: Envelope) -> list[tuple[str, bytes]]:
    return unpack(pack(envelope.headers()))


# How long it takes says nothing here, and one slow draw of three seconds has failed the whole.
on_a_busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def by_the_library(envelope: Envelope) -> CloudEvent:
    """What the library makes of a record that we wrote. It validates as it reads."""
    event = from_binary(KafkaMessage(dict(as_bytes(envelope)), KEY, b'{"urn": "990017"}'), JSONFormat())
    assert isinstance(event, CloudEvent)
    return event


@on_a_busy_machine
@given(envelopes)
def test_the_library_reads_what_we_write(envelope: Envelope):
    event = by_the_library(envelope)
    assert event.get_id() == str(envelope.id)
    assert event.get_type() == envelope.type
    assert event.get_source() == envelope.source
    assert event.get_subject() == envelope.subject
    assert event.get_time() == envelope.time
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {"urn": "990017"}
    assert event.get_extension("sequence") == str(envelope.sequence)
    assert event.get_extension("dataclassification") == envelope.sensitivity.value
    assert event.get_extension("partitionkey") == KEY.decode()


@on_a_busy_machine
@given(envelopes)
def test_we_read_what_the_library_writes(envelope: Envelope):
    written = to_binary(by_the_library(envelope), JSONFormat())
    assert read_envelope(list(written.headers.items())) == envelope


@on_a_busy_machine
@given(envelopes)
def test_what_we_write_we_read(envelope: Envelope):
    assert read_envelope(as_bytes(envelope)) == envelope


def test_every_attribute_has_a_name_that_cloudevents_allows():
    names = [name.removeprefix("ce_") for name, _ in FULL.headers() if name != "content-type"]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]{1,20}", name)] == []


def test_the_documents_name_the_headers_that_are_written():
    shown = envelope_example(all_event_types()[0], KEY.decode())
    assert list(shown) == [name for name, _ in SHORTEST.headers()]


NEEDED = ["ce_specversion", "ce_id", "ce_type", "ce_time", "ce_epoch", "ce_sequence", "ce_correlationid"]


@pytest.mark.parametrize("missing", [*NEEDED, "ce_dataclassification"])
def test_a_record_without_a_header_it_needs_is_broken_and_names_it(missing: str):
    headers = [(name, value) for name, value in as_bytes(FULL) if name != missing]
    with pytest.raises(BrokenEnvelope, match=missing):
        read_envelope(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"1"),
        ("ce_time", b"2026-02-03T10:15:00"),
        ("ce_sequence", b"0"),
        ("ce_sequence", b"-1"),
        ("ce_epoch", b"0"),
        ("ce_dataclassification", b"secret"),
        ("ce_causationid", b"\xff"),
    ],
)
def test_a_header_that_makes_no_sense_is_broken_and_named(name: str, value: bytes):
    headers = [(each, value if each == name else given) for each, given in as_bytes(FULL)]
    with pytest.raises(BrokenEnvelope, match=name):
        read_envelope(headers)

"""A fact of membership as the record that a reading service gets."""

from datetime import date
from uuid import UUID

from shared.clock import noon
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventData, type_of
from shared.messaging.cause import new_id
from shared.messaging.records import Record


def record_of_membership(
    fact: EventData, *, key: str, sequence: int, on: date, story: UUID, told: bool = True
) -> Record:
    """Recorded on that day as this number of its key."""
    kind = type_of(fact)
    envelope = Envelope(
        id=new_id(),
        source="/consortia/membership",
        type=kind.name,
        subject=key.rsplit("/", 1)[-1],
        time=noon(on),
        epoch=1,
        sequence=sequence,
        correlation_id=story,
        causation_id=None,
        traceparent=None,
        sensitivity=kind.sensitivity,
        told=told,
        batch_id=None,
    )
    headers = [(name, value.encode()) for name, value in envelope.headers()]
    return Record(kind.topic, 0, sequence, key, fact.model_dump_json().encode(), headers)

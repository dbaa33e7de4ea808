"""A record from the broker on its way through the inbox: what it says of itself, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.contracts import upcast
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventData, UnknownEventType, event_type, knows_another_version
from shared.messaging.inbound import Inbound, Received
from shared.messaging.parking import ParkedRecord

Stream = tuple[str, str]  # (topic, key)
Place = tuple[int, int]  # (epoch, sequence)
Where = tuple[str, int, int]  # (topic, partition, offset)
Fault = tuple[str, str]  # (reason, detail)

Culprits = Mapping[Where, Fault]
NO_CULPRITS: Culprits = {}


@dataclass(slots=True)
class Record:
    """One record as it came from the broker."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def where(self) -> Where:
        return (self.topic, self.partition, self.offset)


@dataclass(slots=True)
class Item:
    """A record whose envelope could be read, with the event once its data has been."""

    record: Record
    envelope: Envelope
    stream: Stream
    place: Place
    from_parking: bool = False
    model: type[EventData] | None = None  # the newest version of its type, if this service handles it
    event: Received[Any] | None = None


def item_of(record: Record, envelope: Envelope, *, from_parking: bool = False) -> Item:
    assert record.key is not None
    place = (envelope.epoch, envelope.sequence)
    return Item(record, envelope, (record.topic, record.key), place, from_parking)


def read_data(item: Item, inbound: Inbound, compacted: bool) -> Fault | None:
    """Read the data of a record this service handles; why it can't be, or None. Unknown types are nobody's fault."""
    name = item.envelope.type
    try:
        latest = upcast.newest(name)
        kind = event_type(latest)
    except UnknownEventType:
        if knows_another_version(name):
            return "unknown-version", f"this service does not know {name}"
        return None
    if not inbound.reads(kind.model):
        return None
    if item.envelope.sensitivity.stricter_than(kind.sensitivity) and inbound.acts_by_type(kind.model):
        # What is kept by type is shown by the type's class, to people who may not know of this record (R0.8).
        return (
            "stricter",
            f"this record is {item.envelope.sensitivity.value}, its type {kind.sensitivity.value} at most",
        )
    value = item.record.value
    if value is None and not compacted:
        return "schema", f"{name} has no data; only the people topic has tombstones"
    try:
        data: Any = None  # of a tombstone
        if value is not None and latest == name:
            data = kind.model.model_validate_json(value, extra="ignore")  # else no field could ever be added
        elif value is not None:
            data = upcast.read(name, value)
    except ValidationError as problem:
        places = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors()[:5])
        return "schema", f"the data does not fit {name}: {places}"
    except (ValueError, TypeError, LookupError, RecursionError) as problem:  # what an upcast meets in spoilt data
        return "schema", f"the data cannot be read: {type(problem).__name__}: {problem}"
    item.model = kind.model
    item.event = Received(item.envelope, item.record.topic, item.stream[1], data, value, item.envelope.traceparent)
    return None


def to_park(record: Record, envelope: Envelope | None, status: str, reason: str, detail: str) -> ParkedRecord:
    return ParkedRecord(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        envelope.epoch if envelope else None,
        envelope.sequence if envelope else None,
        str(envelope.id) if envelope else None,
        envelope.type if envelope else None,
        status,
        reason,
        detail,
        record.headers,
        record.value,
        envelope.traceparent if envelope else None,
    )

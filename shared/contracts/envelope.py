"""The envelope: CloudEvents 1.0 in Kafka's binary mode. Attributes are headers, the value is the data as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.registry import Sensitivity


def school_key(authority: str, urn: str) -> str:
    """The key of everything about one school: ``937/school/125677``."""
    return f"{authority}/school/{urn}"


def body_key(authority: str, body_id: UUID) -> str:
    """The key of everything about one body: its offices, seats, meetings and awards."""
    return f"{authority}/body/{body_id}"


def person_key(authority: str, person_id: UUID) -> str:
    return f"{authority}/person/{person_id}"


class BrokenEnvelope(Exception):
    """A record without what every record must carry. Names the first header that is missing or unreadable."""

    def __init__(self, header: str, found: object):
        super().__init__(f"the record's header {header} is missing or cannot be read (found {found!r})")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one record. ``time`` is the fact's time, UTC; ``sequence`` counts from 1 per topic and key."""

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    epoch: int
    sequence: int
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    sensitivity: Sensitivity
    told: bool
    batch_id: UUID | None

    def headers(self) -> list[tuple[str, str]]:
        """As header names and values, in the order of CloudEvents' own attributes, then the extensions."""
        found = [
            ("ce_specversion", "1.0"),
            ("ce_id", str(self.id)),
            ("ce_source", self.source),
            ("ce_type", self.type),
            ("ce_subject", self.subject),
            ("ce_time", self.time.isoformat().replace("+00:00", "Z")),
            ("content-type", "application/json"),
            ("ce_epoch", str(self.epoch)),
            ("ce_sequence", str(self.sequence)),
            ("ce_correlationid", str(self.correlation_id)),
            ("ce_dataclassification", self.sensitivity.value),
            ("ce_told", "true" if self.told else "false"),
        ]
        if self.causation_id is not None:
            found.append(("ce_causationid", str(self.causation_id)))
        if self.traceparent is not None:
            found.append(("ce_traceparent", self.traceparent))
        if self.batch_id is not None:
            found.append(("ce_batchid", str(self.batch_id)))
        return found


def pack(headers: Iterable[tuple[str, str]]) -> str:
    """Headers as one text, for a column."""
    return json.dumps([part for pair in headers for part in pair], ensure_ascii=False, separators=(",", ":"))


def unpack(packed: str) -> list[tuple[str, bytes]]:
    """A packed column as the broker's header tuples."""
    parts = json.loads(packed)
    return [(name, value.encode()) for name, value in zip(parts[::2], parts[1::2], strict=True)]


LARGEST_SEQUENCE, LARGEST_EPOCH = 2**63 - 1, 2**31 - 1  # what the columns hold

_CLASSES = {kind.value.encode(): kind for kind in Sensitivity}


def _text(value: bytes | None) -> str:
    """An attribute as text. No database column takes a NUL, so a record with one has no readable envelope."""
    if value is None or b"\x00" in value:
        raise ValueError
    return value.decode()


def read_envelope(headers: Sequence[tuple[str, bytes]]) -> Envelope:
    """The envelope in a record's headers. Raises BrokenEnvelope, which names the header at fault."""
    found = dict(headers)
    name = ""
    value: bytes | None = None
    try:
        name, value = "ce_specversion", found.get("ce_specversion")
        if value != b"1.0":
            raise ValueError
        name, value = "ce_id", found.get("ce_id")
        event_id = UUID((value or b"").decode())
        name, value = "ce_type", found.get("ce_type")
        event_type = _text(value)
        if not event_type:
            raise ValueError
        name, value = "ce_source", found.get("ce_source", b"")
        source = _text(value)
        name, value = "ce_subject", found.get("ce_subject", b"")
        subject = _text(value)
        name, value = "ce_time", found.get("ce_time")
        time = datetime.fromisoformat((value or b"").decode())
        if time.tzinfo is None:
            raise ValueError
        name, value = "ce_epoch", found.get("ce_epoch")
        epoch = int(value or b"")
        if epoch < 1:
            raise ValueError
        name, value = "ce_sequence", found.get("ce_sequence")
        sequence = int(value or b"")
        if not (0 < sequence <= LARGEST_SEQUENCE and 0 < epoch <= LARGEST_EPOCH):
            raise ValueError
        name, value = "ce_correlationid", found.get("ce_correlationid")
        correlation = UUID((value or b"").decode())
        name, value = "ce_causationid", found.get("ce_causationid")
        causation = UUID(value.decode()) if value else None
        name, value = "ce_batchid", found.get("ce_batchid")
        batch = UUID(value.decode()) if value else None
        name, value = "ce_dataclassification", found.get("ce_dataclassification")
        sensitivity = _CLASSES[value or b""]
        name, value = "ce_traceparent", found.get("ce_traceparent")
        trace = value.decode("ascii", "replace").replace("\x00", "?") if value else None
        return Envelope(
            event_id,
            source,
            event_type,
            subject,
            time,
            epoch,
            sequence,
            correlation,
            causation,
            trace,
            sensitivity,
            found.get("ce_told") == b"true",
            batch,
        )
    except (ValueError, KeyError, AttributeError):
        raise BrokenEnvelope(name, value) from None

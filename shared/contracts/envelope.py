"""The envelope: CloudEvents 1.0 in Kafka's binary mode. Attributes are headers, the value is the data as JSON."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.registry import Sensitivity


def school_key(authority: str, urn: str) -> str:
    """The key of everything about one school: ``937/school/125677``."""
    return f"{authority}/school/{urn}"


def school_of(key: str) -> str | None:
    """The URN in the key of something about one school; of any other key nothing."""
    _, is_a_school, urn = key.partition("/school/")
    return urn if is_a_school else None


def body_key(authority: str, body_id: UUID) -> str:
    """The key of everything about one body: its offices, seats, meetings and awards."""
    return f"{authority}/body/{body_id}"


def trust_key(authority: str, trust_id: str) -> str:
    """The key of who is in post at a trust, whose schools may lie in several authorities: that of one of them."""
    return f"{authority}/trust/{trust_id}"


def person_key(authority: str, person_id: UUID) -> str:
    return f"{authority}/person/{person_id}"


class BrokenEnvelope(Exception):
    """A record without what every record must carry. Names the first header that is missing or unreadable."""

    def __init__(self, header: str, found: object):
        super().__init__(f"the record's header {header} is missing or cannot be read (found {found!r})")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one record. ``time`` is the fact's time, UTC; ``sequence`` counts from 1 per topic and key.

    ``people_first`` rides inside the house only: the facts recorded together with this one, and how many of them are told
    to people before anybody else hears of any (`shared/messaging/order.py`).
    """

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
    people_first: str | None = None

    def headers(self, epoch: int | None = None, sequence: int | None = None) -> list[tuple[str, str]]:
        """As header names and values, in the order of CloudEvents' own attributes, then the extensions.

        ``epoch`` and ``sequence`` stand in for the envelope's own: the outbox numbers a record last of all.
        """
        found = [
            ("ce_specversion", "1.0"),
            ("ce_id", str(self.id)),
            ("ce_source", self.source),
            ("ce_type", self.type),
            ("ce_subject", self.subject),
            ("ce_time", self.time.isoformat().replace("+00:00", "Z")),
            ("content-type", "application/json"),
            ("ce_epoch", str(epoch or self.epoch)),
            ("ce_sequence", str(sequence or self.sequence)),
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
        if self.people_first is not None:
            found.append(("ce_peoplefirst", self.people_first))
        return found


def pack(headers: Iterable[tuple[str, str]]) -> str:
    """Headers as one text, for a column: names and values in turn, a line each. Every record passes here: no JSON."""
    parts = [part for pair in headers for part in pair]
    text = "\n".join(parts)
    if text.count("\n") >= len(parts) > 0:  # a line break in somebody's header; ours have none
        text = "\n".join(part.replace("\n", "\\n") for part in parts)
    return text


def unpack(packed: str) -> list[tuple[str, bytes]]:
    """A packed column as the broker's header tuples."""
    if not packed:
        return []
    parts = packed.encode().split(b"\n")
    return [(_NAMES.get(name) or name.decode(), value) for name, value in zip(parts[::2], parts[1::2], strict=True)]


_NAMES = {
    name.encode(): name
    for name in (
        *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type", "ce_epoch"),
        *("ce_sequence", "ce_correlationid", "ce_dataclassification", "ce_told", "ce_causationid", "ce_traceparent"),
        *("ce_batchid", "ce_peoplefirst"),
    )
}

LARGEST_SEQUENCE, LARGEST_EPOCH = 2**63 - 1, 2**31 - 1  # what the columns hold

_PEOPLE = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[1-9][0-9]{0,8}")
_CLASSES = {kind.value.encode(): kind for kind in Sensitivity}


def _text(value: bytes | None) -> str:
    """An attribute as text. No database column takes a NUL, so a record with one has no readable envelope."""
    if value is None or b"\x00" in value:
        raise ValueError
    return value.decode()


def _uuid(value: bytes | None) -> UUID:
    return UUID((value or b"").decode())


def _instant(value: bytes | None) -> datetime:
    time = datetime.fromisoformat((value or b"").decode())
    if time.tzinfo is None:
        raise ValueError
    return time


def _number(value: bytes | None, largest: int) -> int:
    number = int(value or b"")
    if not 0 < number <= largest:
        raise ValueError
    return number


def _people(value: bytes) -> str:
    if _PEOPLE.fullmatch(value) is None:
        raise ValueError
    return value.decode()


def _version(value: bytes | None) -> None:
    if value != b"1.0":
        raise ValueError


def read_envelope(headers: Sequence[tuple[str, bytes]]) -> Envelope:
    """The envelope in a record's headers. Raises BrokenEnvelope, which names the header at fault."""
    found = dict(headers)
    header = found.get
    try:
        _version(header("ce_specversion"))
        causation, batch, trace = header("ce_causationid"), header("ce_batchid"), header("ce_traceparent")
        people = header("ce_peoplefirst")
        event_type = _text(header("ce_type"))
        if not event_type:
            raise ValueError
        return Envelope(
            _uuid(header("ce_id")),
            _text(header("ce_source", b"")),
            event_type,
            _text(header("ce_subject", b"")),
            _instant(header("ce_time")),
            _number(header("ce_epoch"), LARGEST_EPOCH),
            _number(header("ce_sequence"), LARGEST_SEQUENCE),
            _uuid(header("ce_correlationid")),
            UUID(causation.decode()) if causation else None,
            trace.decode("ascii", "replace").replace("\x00", "?") if trace else None,
            _CLASSES[header("ce_dataclassification") or b""],
            header("ce_told") == b"true",
            UUID(batch.decode()) if batch else None,
            _people(people) if people else None,
        )
    except (ValueError, KeyError, AttributeError):
        name = _at_fault(found)
        raise BrokenEnvelope(name, found.get(name)) from None


_READERS: dict[str, Callable[[bytes | None], object]] = {
    "ce_specversion": _version,
    "ce_id": _uuid,
    "ce_type": lambda value: _text(value or None),
    "ce_time": _instant,
    "ce_epoch": lambda value: _number(value, LARGEST_EPOCH),
    "ce_sequence": lambda value: _number(value, LARGEST_SEQUENCE),
    "ce_correlationid": _uuid,
    "ce_dataclassification": lambda value: _CLASSES[value or b""],
    "ce_source": lambda value: _text(value or b""),
    "ce_subject": lambda value: _text(value or b""),
    "ce_causationid": lambda value: _uuid(value) if value else None,
    "ce_batchid": lambda value: _uuid(value) if value else None,
    "ce_peoplefirst": lambda value: _people(value) if value else None,
}


def _at_fault(found: Mapping[str, bytes]) -> str:
    """The first header that cannot be read. Only asked once it is known that there is one."""
    for name, read in _READERS.items():
        try:
            read(found.get(name))
        except (ValueError, KeyError, AttributeError):
            return name
    return "headers"

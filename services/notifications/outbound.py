"""Facts of notifications as published events, and events of others as a department reads them."""

import json
from uuid import UUID

from services.notifications.domain.departments import Department
from services.notifications.domain.feed import region_slug
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import DepartmentInformed, FeedEntryPublished

DATA_TYPE = "application/json"


def department_key(authority: str, department: Department) -> str:
    return f"{authority}/department/{department}"


def feed_key(authority: str, region: str) -> str:
    return f"{authority}/feed/{region_slug(region)}"


def informed(department: Department, envelope: Envelope) -> DepartmentInformed:
    return DepartmentInformed(department=department.value, event_id=envelope.id, event_type=envelope.type)


def entry_published(region: str, number: int, kind: str, urn: str | None, event_id: UUID) -> FeedEntryPublished:
    return FeedEntryPublished(region=region, number=number, kind=kind, urn=urn, event_id=event_id)


def webhook_body(envelope: Envelope, key: str, value: bytes) -> str:
    """The event in CloudEvents' structured JSON. Without trace and sequence: those belong to our own topics."""
    found: dict[str, object] = {
        "specversion": "1.0",
        "id": str(envelope.id),
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.isoformat().replace("+00:00", "Z"),
        "datacontenttype": DATA_TYPE,
        "partitionkey": key,
        "correlationid": str(envelope.correlation_id),
        "dataclassification": envelope.sensitivity.value,
    }
    if envelope.causation_id is not None:
        found["causationid"] = str(envelope.causation_id)
    return json.dumps({**found, "data": json.loads(value)}, ensure_ascii=False, separators=(",", ":"))

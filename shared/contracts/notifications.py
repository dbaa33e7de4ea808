"""Events of the notifications service: who has been told."""

from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event


@event("notifications", "department.informed")
class DepartmentInformed(EventData):
    """A department's own topic and webhooks were given an event. Key: <authority>/department/<name>."""

    department: str = Field(description="school-improvement, finance or governance")
    event_id: UUID
    event_type: str


@event("notifications", "feed-entry.published", Sensitivity.PUBLIC)
class FeedEntryPublished(EventData):
    """An entry of the liaison feed was published, with its gap-free number in its region. Key: <authority>/feed/<region>."""

    region: str
    number: int = Field(ge=1)
    kind: str
    urn: str | None = None
    event_id: UUID

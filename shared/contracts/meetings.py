"""Events of the meetings service: meetings, agendas, area lists, who belongs to a meeting."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event


@event("meetings", "meeting.scheduled")
class MeetingScheduled(EventData):
    """A meeting of a body was put in the calendar. Key: the body."""

    meeting_id: UUID
    body_id: UUID
    kind: str = Field(description="heads or area-analysis-group")
    on: date


@event("meetings", "agenda-item.placed", Sensitivity.CONFIDENTIAL)
class AgendaItemPlaced(EventData):
    """An item about one school was put on the confidential part of a meeting's agenda. Key: the body."""

    item_id: UUID
    meeting_id: UUID
    body_id: UUID
    meeting_on: date
    part: str = Field(description="open or confidential")
    urn: str
    why: str = Field(description="representation-reassigned")


@event("meetings", "agenda-item.withdrawn", Sensitivity.CONFIDENTIAL)
class AgendaItemWithdrawn(EventData):
    """An agenda item was withdrawn before its meeting: what it was about was reversed, or an earlier meeting takes it
    over. Key: the body."""

    item_id: UUID
    meeting_id: UUID
    body_id: UUID
    urn: str


@event("meetings", "members.changed")
class MembersChanged(EventData):
    """Who belongs to the meetings of a body changed, because an office changed hands. Key: the body."""

    body_id: UUID
    joined: list[UUID] = Field(description="Person ids")
    left: list[UUID] = Field(description="Person ids")
    from_date: date


@event("meetings", "vulnerable-aspect.recorded", Sensitivity.CONFIDENTIAL)
class VulnerableAspectRecorded(EventData):
    """An aspect of a school vulnerable to an adverse judgement was recorded for its area (W-26). Key: the school."""

    aspect_id: UUID
    urn: str
    body_id: UUID
    evaluation_area: str
    from_date: date


@event("meetings", "vulnerable-aspect.withdrawn", Sensitivity.CONFIDENTIAL)
class VulnerableAspectWithdrawn(EventData):
    """A vulnerable aspect stands on no list any more: it was recorded by mistake, or is one no longer (W-26). Key: the
    school."""

    aspect_id: UUID
    urn: str
    body_id: UUID
    evaluation_area: str

"""From a decision of meetings to the published event: one function each. Every event about a body goes under its key."""

from datetime import date
from uuid import UUID

from services.meetings.domain.agenda import CONFIDENTIAL, REPRESENTATION_REASSIGNED
from services.meetings.domain.meeting import Meeting
from services.meetings.domain.vulnerable_aspect import VulnerableAspect
from shared.contracts.meetings import (
    AgendaItemPlaced,
    AgendaItemWithdrawn,
    MeetingScheduled,
    MembersChanged,
    VulnerableAspectRecorded,
    VulnerableAspectWithdrawn,
)


def meeting_scheduled(meeting: Meeting) -> MeetingScheduled:
    return MeetingScheduled(meeting_id=meeting.meeting_id, body_id=meeting.body_id, kind=meeting.kind, on=meeting.on)


def agenda_item_placed(item_id: UUID, meeting: Meeting, urn: str) -> AgendaItemPlaced:
    return AgendaItemPlaced(
        item_id=item_id,
        meeting_id=meeting.meeting_id,
        body_id=meeting.body_id,
        meeting_on=meeting.on,
        part=CONFIDENTIAL,
        urn=urn,
        why=REPRESENTATION_REASSIGNED,
    )


def agenda_item_withdrawn(item_id: UUID, meeting_id: UUID, body_id: UUID, urn: str) -> AgendaItemWithdrawn:
    return AgendaItemWithdrawn(item_id=item_id, meeting_id=meeting_id, body_id=body_id, urn=urn)


def member_joined(body_id: UUID, person_id: UUID, from_date: date) -> MembersChanged:
    return MembersChanged(body_id=body_id, joined=[person_id], left=[], from_date=from_date)


def member_left(body_id: UUID, person_id: UUID, from_date: date) -> MembersChanged:
    return MembersChanged(body_id=body_id, joined=[], left=[person_id], from_date=from_date)


def vulnerable_aspect_recorded(aspect: VulnerableAspect) -> VulnerableAspectRecorded:
    return VulnerableAspectRecorded(
        aspect_id=aspect.aspect_id,
        urn=aspect.urn,
        body_id=aspect.body_id,
        evaluation_area=aspect.evaluation_area,
        from_date=aspect.from_date,
    )


def vulnerable_aspect_withdrawn(aspect: VulnerableAspect) -> VulnerableAspectWithdrawn:
    return VulnerableAspectWithdrawn(
        aspect_id=aspect.aspect_id,
        urn=aspect.urn,
        body_id=aspect.body_id,
        evaluation_area=aspect.evaluation_area,
    )

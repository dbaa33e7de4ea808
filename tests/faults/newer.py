"""A service as its next release would be: ``python -m tests.faults.newer notifications``.

The second version of a contract says where a meeting is held. Readers learn it first and bring stored records up to
date as they read them; then the producer switches (D3.11).
"""

import importlib
import sys
from datetime import date
from uuid import UUID

from services.meetings import outbound
from services.meetings.domain.meeting import Meeting
from shared.contracts.meetings import MeetingScheduled
from shared.contracts.registry import EventData, event, type_of
from shared.contracts.upcast import Data, upcast
from shared.service import main

NOT_SAID = "not said"


@event("meetings", "meeting.scheduled", major=2)
class MeetingScheduledSomewhere(EventData):
    """A meeting of a body was put in the calendar, with its place. Key: the body."""

    meeting_id: UUID
    body_id: UUID
    kind: str
    on: date
    place: str


@upcast(type_of(MeetingScheduled).name)
def meetings_have_a_place(data: Data) -> Data:
    return {**data, "place": NOT_SAID}


def meeting_scheduled(meeting: Meeting) -> MeetingScheduledSomewhere:
    return MeetingScheduledSomewhere(
        meeting_id=meeting.meeting_id, body_id=meeting.body_id, kind=meeting.kind, on=meeting.on, place="Shire Hall"
    )


def run(service: str) -> None:
    if service == "meetings":
        outbound.meeting_scheduled = meeting_scheduled  # type: ignore[assignment]
    main(importlib.import_module(f"services.{service}.app").build, [])


if __name__ == "__main__":
    run(sys.argv[1])

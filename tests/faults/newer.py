"""A service as its next release would be: ``python -m tests.faults.newer notifications``.

The second version of a contract says where a meeting is held. Readers learn it first and bring stored records up to
date as they read them; then the producer switches (D3.11). Notifications keeps the places: in a table that is there
before its new release is, by a handler that knows the second version alone.
"""

import importlib
import sys
from dataclasses import replace
from datetime import date
from uuid import UUID

import asyncpg

from services.meetings import outbound
from services.meetings.domain.meeting import Meeting
from shared.contracts.meetings import MeetingScheduled
from shared.contracts.registry import EventData, event, type_of
from shared.contracts.upcast import Data, upcast
from shared.messaging.inbound import Inbound, Received
from shared.service import main
from shared.store import UnitOfWork

NOT_SAID, PLACE = "not said", "Shire Hall"
ROOM = "create table if not exists notifications.meeting_place (meeting_id uuid primary key, place text not null)"


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
        meeting_id=meeting.meeting_id, body_id=meeting.body_id, kind=meeting.kind, on=meeting.on, place=PLACE
    )


async def when_a_meeting_is_scheduled_note_its_place(
    events: list[Received[MeetingScheduledSomewhere]], uow: UnitOfWork
) -> None:
    await uow.execute(
        "insert into meeting_place select * from unnest($1::uuid[], $2::text[]) on conflict do nothing",
        [event.data.meeting_id for event in events],
        [event.data.place for event in events],
    )


def inbound() -> Inbound:
    """What notifications does with the events it reads: all that it did, and one thing more."""
    older: Inbound = importlib.import_module("services.notifications.inbound").INBOUND
    more = {MeetingScheduledSomewhere: when_a_meeting_is_scheduled_note_its_place}
    return replace(older, reactions={**older.reactions, **more})


async def make_room(owner_url: str) -> None:
    """The migration of the new release. Whoever runs the old one does not see it."""
    connection = await asyncpg.connect(owner_url.replace("+asyncpg", ""), timeout=10)
    try:
        await connection.execute(ROOM)
    finally:
        await connection.close()


def run(service: str) -> None:
    app = importlib.import_module(f"services.{service}.app")
    if service == "meetings":
        outbound.meeting_scheduled = meeting_scheduled  # type: ignore[assignment]
    if service == "notifications":
        app.INBOUND = inbound()  # type: ignore[attr-defined]
    main(app.build, [])


if __name__ == "__main__":
    run(sys.argv[1])
